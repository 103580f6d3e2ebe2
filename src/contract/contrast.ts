import * as v from 'valibot';

const percentile = v.pipe(v.number(), v.minValue(0), v.maxValue(100));

/** A lower and an upper percentile of a data set's intensities; what lies between fills the range of the images. */
export const PercentilesSchema = v.pipe(
  v.tuple([percentile, percentile]),
  v.check(([lower, upper]) => lower < upper, 'must begin with the lower percentile'),
);
export type Percentiles = v.InferOutput<typeof PercentilesSchema>;

/** The percentiles that are proposed: a pixel in a thousand may be saturated at either end. */
export const USUAL_PERCENTILES: Percentiles = [0.1, 99.9];

/**
 * How intensities become bytes: `none` keeps the file's range; percentiles stretch it; `auto` stretches it by
 * {@link USUAL_PERCENTILES} if 16-bit pictures use less than a quarter of their range.
 */
export const ContrastSchema = v.union([v.picklist(['none', 'auto']), PercentilesSchema]);
export type Contrast = v.InferOutput<typeof ContrastSchema>;

/** The largest intensity of 16 bits. Intensities of eight bits are multiples of 257. */
export const MOST_INTENSITY = 65_535;
const intensity = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MOST_INTENSITY));

/** The intensities that become black and white, of 16 bits. */
export const BoundsSchema = v.pipe(
  v.tuple([intensity, intensity]),
  v.check(([black, white]) => black < white, 'must begin with the lower intensity'),
);
export type Bounds = v.InferOutput<typeof BoundsSchema>;

/** The contrast stretch of a data set: the same bounds for all its images, so that intensities stay comparable. */
export const StretchSchema = v.object({ percentiles: PercentilesSchema, bounds: BoundsSchema });
export type Stretch = v.InferOutput<typeof StretchSchema>;

/** A stretch in words: `98 to 4,020 of 65,535 (percentiles 0.1 and 99.9)`. */
export function stretchText({ percentiles: [lower, upper], bounds: [black, white] }: Stretch): string {
  const write = (value: number): string => value.toLocaleString('en');
  return `${write(black)} to ${write(white)} of ${write(MOST_INTENSITY)} (percentiles ${lower} and ${upper})`;
}
