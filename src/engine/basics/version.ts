import manifest from '../../../package.json' with { type: 'json' };

/** Unravel's own version. */
export const VERSION: string = manifest.version;
