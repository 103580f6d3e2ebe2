import * as v from 'valibot';

/** Maximum number of dimensions of a latent space. */
export const MOST_DIMENSIONS = 512;

/** A latent dimension, counted from 0. */
export const DimensionIndexSchema = v.pipe(
  v.number(),
  v.safeInteger(),
  v.minValue(0),
  v.maxValue(MOST_DIMENSIONS - 1),
);

/** A number that is also finite as float32, in which models compute. */
export const Float32Schema = v.pipe(
  v.number(),
  v.finite(),
  v.check((value) => Number.isFinite(Math.fround(value)), 'is too large for a model'),
);
