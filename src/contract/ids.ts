import * as v from 'valibot';

/** The id of a data set or run. It can be used as a folder's name and is never a path. */
export const IdSchema = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,99}$/));

/**
 * A token that the host gives a client instead of a path: for a dropped or chosen source, or for a file to
 * save.
 */
export const GrantSchema = v.pipe(v.string(), v.regex(/^[a-z]+-[0-9a-f]{16}$/));
