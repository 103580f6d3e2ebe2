import * as v from 'valibot';
import { IdSchema } from './ids.ts';

/** The formats of codes: a table, NumPy arrays in a zip, or tensors with names. */
export const CODES_FORMATS = ['csv', 'npy', 'safetensors'] as const;

/** The formats of a model: Unravel's own, PyTorch's layouts with a description of the layers, or graphs. */
export const MODEL_FORMATS = ['unravel', 'safetensors', 'onnx'] as const;
export type ModelFormat = (typeof MODEL_FORMATS)[number];

/** What can be exported into one file, besides GIFs and figures. */
export const SavedItemSchema = v.variant('item', [
  /** A zip of the model's files. */
  v.object({
    item: v.literal('model'),
    run: IdSchema,
    format: v.optional(v.picklist(MODEL_FORMATS), 'unravel'),
  }),
  /** The codes of a data set's images under a run. */
  v.object({
    item: v.literal('codes'),
    run: IdSchema,
    dataset: IdSchema,
    format: v.picklist(CODES_FORMATS),
  }),
  /** A web page that decodes by itself, with thumbnails of the images or without. */
  v.object({ item: v.literal('page'), run: IdSchema, dataset: IdSchema, images: v.boolean() }),
  /** A zip of the images as PNG files, and of their labels in a CSV file. */
  v.object({ item: v.literal('dataset'), dataset: IdSchema }),
]);
export type SavedItem = v.InferOutput<typeof SavedItemSchema>;

/** The ending of the file, without a dot. */
export function savedEnding(saved: SavedItem): string {
  if (saved.item === 'page') return 'html';
  if (saved.item !== 'codes' || saved.format === 'npy') return 'zip';
  return saved.format;
}
