import * as v from 'valibot';
import { CropSchema, SkippedFileSchema } from '../dataset.ts';
import { GrantSchema } from '../ids.ts';
import { ImageSizeSchema } from '../image-size.ts';
import { operation } from '../operation.ts';
import { tensorOf } from '../tensor.ts';
import { ShownTextSchema } from '../shown-text.ts';

/** Maximum size of the pieces of files in one request. */
const MOST_PIECE_BYTES = 64 * 2 ** 20;
const piece = v.pipe(
  v.instance(Uint8Array),
  v.check(({ length }) => length <= MOST_PIECE_BYTES, 'is too large to be sent in one piece'),
);
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A folder, zip or files that may be imported. The host keeps the path; clients name it by its grant. */
export const SourceSchema = v.object({ source: GrantSchema, name: ShownTextSchema });
export type Source = v.InferOutput<typeof SourceSchema>;

/** How a source is looked at. */
export const inspectEntries = {
  crop: CropSchema,
  /** Which of the images are shown. */
  seed: count,
  /** Width and height of the images that an import would make; the usual if left out. */
  imageSize: v.optional(ImageSizeSchema),
};

/** What an import would make of a source. */
export const InspectionSchema = v.object({
  /** Files that look like images. */
  images: count,
  /** Sub-folders with images in them; each becomes a label. */
  folders: v.array(v.object({ name: ShownTextSchema, images: count })),
  /** Tables found beside the images, and their columns that would be joined. */
  labels: v.optional(v.object({ file: ShownTextSchema, columns: v.array(ShownTextSchema) })),
  /** Up to 64 images as the model would see them, `[n, imageSize, imageSize, 3]`, drawn at random by `seed`. */
  previews: tensorOf('u8', 4),
  previewNames: v.array(ShownTextSchema),
  /** Of the looked-at files those that cannot be read, and why. */
  unreadable: v.array(SkippedFileSchema),
  /** How many files were looked at to tell. */
  examined: count,
  /** Width and height of the first image, before it is cut. */
  firstSize: v.optional(v.object({ width: count, height: count })),
  /** Whether the images have CelebA's shape, so that the paper's crop fits. */
  celebaShaped: v.boolean(),
});
export type Inspection = v.InferOutput<typeof InspectionSchema>;

export const sourceOperations = {
  /** Looks at a source without importing it. */
  'sources.inspect': operation(
    'host',
    v.object({ source: GrantSchema, ...inspectEntries }),
    InspectionSchema,
  ),
  /** The system's dialog; null where the person cancelled it. Electron only. */
  'sources.choose': operation(
    'host',
    v.object({ what: v.picklist(['folder', 'files']) }),
    v.nullable(SourceSchema),
  ),
  /** A folder or zip of the machine that serves, by its path there. Browser only. */
  'sources.open': operation('host', v.object({ path: v.pipe(v.string(), v.maxLength(4096)) }), SourceSchema),
  /** Begins an upload; files are then added to it. Browser only. */
  'sources.upload': operation('host', v.object({ name: v.pipe(v.string(), v.maxLength(200)) }), SourceSchema),
  'sources.add': operation(
    'host',
    v.object({
      source: GrantSchema,
      files: v.pipe(
        v.array(
          v.object({
            /** Relative to what was dropped, with `/`. */
            path: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
            bytes: piece,
            /** Where the bytes go in a file that is sent in pieces, one after the other; 0 if left out. */
            offset: v.optional(count),
          }),
        ),
        v.maxLength(512),
        v.check(
          (files) => files.reduce((sum, { bytes }) => sum + bytes.length, 0) <= MOST_PIECE_BYTES,
          'is too large to be sent at once',
        ),
      ),
    }),
    v.object({}),
  ),
  /** An upload will not be imported: it is removed as soon as no import reads it. Other sources stay as they are. */
  'sources.discard': operation('host', v.object({ source: GrantSchema }), v.object({})),
};
