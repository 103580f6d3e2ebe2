/**
 * Names of the IPC channels between the preload script and the main process. The page itself uses
 * {@link WINDOW_MESSAGES} only.
 */
export const CHANNELS = {
  /** The page asks for a port. */
  connect: 'unravel:connect',
  /** The main process sends the page a port. */
  port: 'unravel:port',
  /** The page sends the paths of files that were dropped on it and receives a grant. */
  grant: 'unravel:grant',
} as const;

/** Messages that the page's scripts and the preload script post to the page's window. */
export const WINDOW_MESSAGES = { connect: 'unravel:connect', port: 'unravel:port' } as const;
