/** Names on the way from the page through the preload script to main. The page itself knows the messages only. */
export const CHANNELS = {
  /** The page wants a port. */
  connect: 'unravel:connect',
  /** Main sends it one. */
  port: 'unravel:port',
  /** Paths of files that were dropped on the page, for a grant. */
  grant: 'unravel:grant',
} as const;

/** Messages of the page's own window, between its scripts and the preload script. */
export const WINDOW_MESSAGES = { connect: 'unravel:connect', port: 'unravel:port' } as const;
