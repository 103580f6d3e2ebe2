import * as v from 'valibot';

/** A data set's or run's id: fit for a folder's name, and never a path. */
export const IdSchema = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,99}$/));

/** What the host gives a client instead of a path: for a dropped or chosen source, or a place to save. */
export const GrantSchema = v.pipe(v.string(), v.regex(/^[a-z]+-[0-9a-f]{16}$/));
