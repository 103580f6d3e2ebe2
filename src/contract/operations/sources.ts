import * as v from 'valibot';
import { BoundsSchema, StretchSchema } from '../contrast.ts';
import { CropSchema, OfficialSplitSchema, SkippedFileSchema } from '../dataset.ts';
import { FoundTableSchema, LabelChoiceSchema, NamePatternSchema } from '../label-choice.ts';
import { GrantSchema } from '../ids.ts';
import { ImageSizeSchema } from '../image-size.ts';
import { MOST_DIMENSIONS } from '../numbers.ts';
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

/** Options of an inspection. */
export const inspectEntries = {
  crop: CropSchema,
  /** Seed for the choice of preview images. */
  seed: count,
  /** Width and height of the images that an import would make; the default size if left out. */
  imageSize: v.optional(ImageSizeSchema),
  /**
   * The contrast of the previews: `auto` measures it and stretches it if that is proposed; bounds are those of an
   * earlier inspection; none if left out.
   */
  contrast: v.optional(v.union([v.literal('auto'), BoundsSchema])),
  /** Which labels are joined; all that were found and fit if left out. */
  labels: v.optional(LabelChoiceSchema),
};

/** Options of a check. */
export const checkEntries = {
  crop: CropSchema,
  /** Position of the first file to check. */
  from: count,
};

/** Files of a source that were checked, and those of them that cannot be read. */
export const CheckSchema = v.object({
  /** Position of the first file that was not checked; the number of files if all are. */
  next: count,
  unreadable: v.array(SkippedFileSchema),
});
export type Check = v.InferOutput<typeof CheckSchema>;

/** A description of a source before it is imported. */
export const InspectionSchema = v.object({
  /** Number of files that appear to be images. */
  images: count,
  /** Sub-folders that contain images; each becomes a label. */
  folders: v.array(v.object({ name: ShownTextSchema, images: count })),
  /** The tables that would be joined, and their columns. */
  labels: v.optional(
    v.object({
      file: ShownTextSchema,
      columns: v.array(ShownTextSchema),
      /** Columns that cannot be labels, because they are empty or differ in every row. */
      leftOut: v.optional(v.array(ShownTextSchema)),
    }),
  ),
  /** All tables that were found near the images, those that are not joined with the reason. */
  tables: v.array(FoundTableSchema),
  /** The split that the data set would have, of folders or of a table. */
  split: v.optional(OfficialSplitSchema),
  /** A pattern that most file names fit, whose parts can become labels. */
  namePattern: v.optional(NamePatternSchema),
  /** What was recognised and how it would be read, in sentences. */
  notes: v.optional(v.array(ShownTextSchema)),
  /** Up to 64 images as the model would see them, `[n, imageSize, imageSize, 3]`, drawn at random by `seed`. */
  previews: tensorOf('u8', 4),
  previewNames: v.array(ShownTextSchema),
  /** The examined files that cannot be read, with the reasons. */
  unreadable: v.array(SkippedFileSchema),
  /** Number of files that were examined. */
  examined: count,
  /** Number of these that cannot be read. `unreadable` also has files that are no images, such as tables. */
  failures: count,
  /** Width and height of the first image, before it is cropped. */
  firstSize: v.optional(v.object({ width: count, height: count })),
  /** The smaller side, in pixels, of the smallest of the first few pictures that were looked at. */
  smallerSide: v.optional(count),
  /** Files read per second, where enough were read to measure it. */
  filesPerSecond: v.optional(v.pipe(v.number(), v.minValue(0))),
  /** Whether the images have CelebA's shape, so that the paper's crop fits. */
  celebaShaped: v.boolean(),
  /**
   * The contrast stretch that is possible, if it was measured and there are pictures of 16 bits, and whether it is
   * proposed, because they use a small part of their range.
   */
  stretch: v.optional(v.object({ ...StretchSchema.entries, isProposed: v.boolean() })),
});
export type OfferedStretch = NonNullable<v.InferOutput<typeof InspectionSchema>['stretch']>;
export type Inspection = v.InferOutput<typeof InspectionSchema>;

/** The codes of another program in a file that was dropped or chosen. */
export const FoundCodesSchema = v.object({
  /** Number of codes. */
  rows: count,
  latentDim: v.pipe(count, v.maxValue(MOST_DIMENSIONS)),
  /** Whether there is a variance for each code. */
  hasVariance: v.boolean(),
  /** The array or group of columns that the codes are read from. */
  key: ShownTextSchema,
  /** All arrays or groups of columns that may be the codes, among them `key`. */
  keys: v.array(ShownTextSchema),
  /** The other columns: names and labels. */
  columns: v.array(ShownTextSchema),
  /** What was recognised and what is left out, in sentences. */
  notes: v.array(ShownTextSchema),
});
export type FoundCodes = v.InferOutput<typeof FoundCodesSchema>;

/** Options of a look at codes: which array or group of columns they are; found by its name if left out. */
export const codesEntries = { key: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(1000))) };

export const sourceOperations = {
  /** Inspects a source without importing it. */
  'sources.inspect': operation(
    'host',
    v.object({ source: GrantSchema, ...inspectEntries }),
    InspectionSchema,
  ),
  /**
   * Describes the codes of another program in a source, without importing them; null for a source of another kind. A
   * table that has no codes is refused, because there is nothing else to do with a table alone.
   */
  'sources.codes': operation(
    'host',
    v.object({ source: GrantSchema, ...codesEntries }),
    v.nullable(FoundCodesSchema),
  ),
  /** Reads the files of a source for a few seconds, to find those that cannot be imported; goes on at `next`. */
  'sources.check': operation('host', v.object({ source: GrantSchema, ...checkEntries }), CheckSchema),
  /** Shows the system's dialog; null if the person cancelled it. Electron only. */
  'sources.choose': operation(
    'host',
    v.object({ what: v.picklist(['folder', 'files']) }),
    v.nullable(SourceSchema),
  ),
  /** Opens a folder or zip on the server by its path. Browser only. */
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
            /** Position of the bytes in a file that is sent in pieces, in order; 0 if left out. */
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
  /**
   * Discards an upload: it is removed as soon as no import reads it. Sources that are not uploads are left
   * unchanged.
   */
  'sources.discard': operation('host', v.object({ source: GrantSchema }), v.object({})),
};
