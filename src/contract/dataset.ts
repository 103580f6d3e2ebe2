import * as v from 'valibot';
import { IdSchema } from './ids.ts';
import { DEFAULT_IMAGE_SIZE, ImageSizeSchema } from './image-size.ts';
import { ShownTextSchema } from './shown-text.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Maximum length of a column's name where a client or a training names it. */
export const MOST_COLUMN_NAME = 1000;

/** A label or factor: one number an image. Categorical values index `categories`; binary ones are 0 or 1. */
export const ColumnSchema = v.object({
  name: ShownTextSchema,
  type: v.picklist(['binary', 'categorical', 'continuous']),
  /** The names of a categorical column's values. */
  categories: v.optional(v.array(ShownTextSchema)),
  /** True for a factor the images were drawn from, false for a label somebody gave them. */
  factor: v.boolean(),
});
export type Column = v.InferOutput<typeof ColumnSchema>;

/** A file that was left out of an import, and why, in words. */
export const SkippedFileSchema = v.object({ file: ShownTextSchema, reason: ShownTextSchema });
export type SkippedFile = v.InferOutput<typeof SkippedFileSchema>;

/** Two files with the same bytes; both were imported. */
export const DuplicateSchema = v.object({ file: ShownTextSchema, sameAs: ShownTextSchema });

/** How well a file of labels fitted the images. */
export const LabelReportSchema = v.object({
  file: ShownTextSchema,
  rowsWithoutImage: count,
  imagesWithoutRow: count,
  /** A few names of both. */
  examples: v.array(ShownTextSchema),
  /** Columns that are no labels: empty, or different in every row. */
  columnsLeftOut: v.array(ShownTextSchema),
});
export type LabelReport = v.InferOutput<typeof LabelReportSchema>;

/** How images are cut to a square before they are resized. */
export const CropSchema = v.picklist(['auto', 'celeba', 'square', 'none']);
export type Crop = v.InferOutput<typeof CropSchema>;

/** Maximum number of images in a data set; so many of 64×64 take 123 GB. */
export const MOST_DATASET_IMAGES = 10_000_000;

/** `dataset.json`: what a data set is, without its images, names and columns' values. */
export const DatasetInfoSchema = v.object({
  version: v.literal(1),
  id: IdSchema,
  name: ShownTextSchema,
  /** `imported` from files, or drawn by us: sample `faces`, `sprites`. */
  kind: v.picklist(['imported', 'faces', 'sprites']),
  /** When it was made, ISO 8601. */
  created: ShownTextSchema,
  /** Number of images. */
  images: v.pipe(count, v.maxValue(MOST_DATASET_IMAGES)),
  /** Width and height of every image; data sets of before there was a choice do not say it. */
  imageSize: v.optional(ImageSizeSchema, DEFAULT_IMAGE_SIZE),
  channels: v.picklist([1, 3]),
  crop: CropSchema,
  /** What it was made from, as the person named it; or the seed it was drawn with. */
  source: ShownTextSchema,
  seed: v.optional(count),
  /** True for sample faces of which nothing is stored: like sprites they are drawn when they are read. */
  isDrawn: v.optional(v.boolean()),
  columns: v.array(ColumnSchema),
  /** Where the labels come from, if a file of them was joined. */
  labels: v.optional(LabelReportSchema),
  skipped: v.array(SkippedFileSchema),
  duplicates: v.array(DuplicateSchema),
});
export type DatasetInfo = v.InferOutput<typeof DatasetInfoSchema>;

/** Where a long piece of work stands. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Pieces a second, over the last seconds. */
  readonly rate: number;
  /** Estimated time to the end, seconds; undefined until there is something to estimate from. */
  readonly secondsLeft: number | undefined;
}
