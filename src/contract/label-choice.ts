import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

const text = v.pipe(v.string(), v.maxLength(4096));

/** Which labels an import takes; what is left out is decided as `sources.inspect` describes it. */
export const LabelChoiceSchema = v.object({
  /** Tables of those that were found, by the names that the inspection gives them; none for an empty list. */
  tables: v.optional(
    v.pipe(
      v.array(
        v.object({
          file: text,
          /** The column that names the images; found by its values if left out. */
          nameColumn: v.optional(v.pipe(v.string(), v.maxLength(1000))),
        }),
      ),
      v.maxLength(100),
    ),
  ),
  /** The pattern of the file names: `{age}_{gender}_{*}`. */
  namePattern: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(500))),
});
export type LabelChoice = v.InferOutput<typeof LabelChoiceSchema>;

/** A table that was found with a source's images. */
export const FoundTableSchema = v.object({
  /** Its name inside the source, or its path outside of it. */
  file: ShownTextSchema,
  /** Why it is not used; left out for a table that is joined. */
  reason: v.optional(ShownTextSchema),
  /** The names of its columns, from which the one that names the images can be chosen. */
  columns: v.array(ShownTextSchema),
  /** What is joined, if it fits any image. */
  joined: v.optional(
    v.object({
      nameColumn: ShownTextSchema,
      /** Number of images that it has a row for. */
      images: v.number(),
      rows: v.number(),
      notes: v.array(ShownTextSchema),
      /** Up to ten images with the values of their rows. */
      examples: v.array(
        v.object({ image: ShownTextSchema, name: ShownTextSchema, values: v.array(ShownTextSchema) }),
      ),
      /** The columns of the examples. */
      labels: v.array(ShownTextSchema),
      /** Names that might be one of several images. */
      ambiguous: v.array(v.object({ name: ShownTextSchema, candidates: v.array(ShownTextSchema) })),
    }),
  ),
});
export type FoundTableInfo = v.InferOutput<typeof FoundTableSchema>;

/** A pattern that most file names fit, with the values of some. */
export const NamePatternSchema = v.object({
  pattern: ShownTextSchema,
  /** The number of names that fit it. */
  images: v.number(),
  columns: v.array(ShownTextSchema),
  examples: v.array(v.object({ image: ShownTextSchema, values: v.array(ShownTextSchema) })),
});
export type OfferedPattern = v.InferOutput<typeof NamePatternSchema>;
