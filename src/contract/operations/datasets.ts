import * as v from 'valibot';
import { DamagedSchema } from '../damaged.ts';
import { DatasetInfoSchema, MOST_COLUMN_NAME } from '../dataset.ts';
import { IdSchema } from '../ids.ts';
import { imageBytes, type ImageShape } from '../image-size.ts';
import { operation } from '../operation.ts';
import { tensorOf } from '../tensor.ts';
import { shownText, ShownTextSchema } from '../shown-text.ts';

/** How long a removed data set or run can be restored. */
export const UNDO_MS = 60_000;

const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Maximum number of images in one request. */
const MOST_IMAGES = 1024;
/** Maximum size of the images in one answer, enough for the maximum number of 64×64 colour images. */
const MOST_IMAGES_BYTES = 12 * 2 ** 20;

/** Maximum number of a data set's images in one answer of `datasets.images`. */
export function mostImages(shape: ImageShape): number {
  return Math.min(MOST_IMAGES, Math.floor(MOST_IMAGES_BYTES / imageBytes(shape)));
}

export const datasetOperations = {
  /** Newest first. */
  'datasets.list': operation('engine', v.object({}), v.array(DatasetInfoSchema)),
  /** Data sets that cannot be opened and are in no other list. */
  'datasets.damaged': operation('engine', v.object({}), v.array(DamagedSchema)),
  /**
   * Removes a data set, which may be damaged. It can be restored for {@link UNDO_MS}, then its files are deleted.
   *
   * @throws `conflict` while a job or command uses it
   */
  'datasets.remove': operation('engine', v.object({ dataset: IdSchema }), v.object({})),
  /**
   * Restores a data set that was removed less than {@link UNDO_MS} ago. It gets a new name if its own is taken now.
   *
   * @throws `not-found` if its files are deleted
   */
  'datasets.restore': operation('engine', v.object({ dataset: IdSchema }), v.object({})),
  /** @throws `conflict` if another data set has this name */
  'datasets.rename': operation(
    'engine',
    v.object({
      dataset: IdSchema,
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(200), v.transform(shownText)),
    }),
    DatasetInfoSchema,
  ),
  /** `[indices, imageSize, imageSize, channels]`; at most {@link mostImages} of them. */
  'datasets.images': operation(
    'engine',
    v.object({ dataset: IdSchema, indices: v.pipe(v.array(index), v.maxLength(MOST_IMAGES)) }),
    tensorOf('u8', 4),
  ),
  'datasets.names': operation(
    'engine',
    v.object({ dataset: IdSchema, indices: v.pipe(v.array(index), v.maxLength(MOST_IMAGES)) }),
    v.array(ShownTextSchema),
  ),
  /** Images whose name contains a text, ignoring case. */
  'datasets.search': operation(
    'engine',
    v.object({
      dataset: IdSchema,
      text: v.pipe(v.string(), v.maxLength(200)),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
    }),
    v.array(v.object({ index, name: ShownTextSchema })),
  ),
  /** A label's or factor's value for every image, `[images]`; NaN where it is unknown. */
  'datasets.column': operation(
    'engine',
    v.object({ dataset: IdSchema, column: v.pipe(v.string(), v.maxLength(MOST_COLUMN_NAME)) }),
    tensorOf('f32', 1),
  ),
  /** `[images]`: 1 where a run held the image out, 0 where it trained on it. */
  'datasets.split': operation(
    'engine',
    v.object({ dataset: IdSchema, heldOutFraction: v.pipe(v.number(), v.minValue(0.001), v.maxValue(0.5)) }),
    tensorOf('u8', 1),
  ),
};
