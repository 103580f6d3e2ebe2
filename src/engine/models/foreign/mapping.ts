import * as v from 'valibot';
import { readJsonFile } from '../../../system/read-file.ts';

const MOST_MAPPING_BYTES = 1_000_000;

const name = v.pipe(v.string(), v.minLength(1), v.maxLength(500));
const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
/** PyTorch's default. */
const epsilon = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1e-5);

const ConvSchema = v.strictObject({
  layer: v.literal('conv'),
  /** Prefix of its weights: `.weight` and `.bias`. */
  weights: name,
  stride: v.optional(whole(1, 64), 1),
  /** Pixels on each side, or TensorFlow's `same`. */
  padding: v.optional(v.union([whole(0, 64), v.literal('same')]), 0),
});
const ConvTransposeSchema = v.strictObject({
  ...ConvSchema.entries,
  layer: v.literal('conv-transpose'),
  outputPadding: v.optional(whole(0, 64), 0),
});

const plain = [
  ConvSchema,
  ConvTransposeSchema,
  v.strictObject({ layer: v.literal('dense'), weights: name }),
  v.strictObject({ layer: v.literal('batch-norm'), weights: name, epsilon }),
  v.strictObject({ layer: v.picklist(['relu', 'tanh', 'sigmoid', 'silu', 'elu', 'flatten']) }),
  v.strictObject({
    layer: v.literal('leaky-relu'),
    slope: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 0.01),
  }),
  /** `[channels, height, width]`, as in PyTorch. */
  v.strictObject({
    layer: v.literal('reshape'),
    to: v.tuple([whole(1, 1_000_000), whole(1, 1024), whole(1, 1024)]),
  }),
  v.strictObject({ layer: v.literal('upsample'), factor: whole(2, 16) }),
] as const;
/** Layers whose result is added to their input. */
const ResidualSchema = v.strictObject({
  layer: v.literal('residual'),
  layers: v.pipe(v.array(v.variant('layer', plain)), v.minLength(1), v.maxLength(20)),
});
const LayerSchema = v.variant('layer', [...plain, ResidualSchema]);

const layers = v.pipe(v.array(LayerSchema), v.maxLength(100));

/** The layers of a model in order, with the names of their weights: what a person writes for an unknown model. */
const MappingSchema = v.strictObject({
  name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200)), 'a model with a mapping'),
  image: v.strictObject({
    size: whole(8, 256),
    channels: v.picklist([1, 3]),
    range: v.optional(v.picklist(['0..1', '-1..1']), '0..1'),
  }),
  encoder: layers,
  /** The layers that give the posterior, or an autoencoder's code. */
  posterior: v.union([
    v.strictObject({ mu: name, logVar: name }),
    /** One layer gives both: mu first, or alternating mu and logVar. */
    v.strictObject({ both: name, order: v.optional(v.picklist(['halves', 'alternating']), 'halves') }),
    /** With `values`, a weight `[latentDim, n]`, each number of the code becomes the nearest value of its row. */
    v.strictObject({ code: name, values: v.exactOptional(name) }),
  ]),
  decoder: layers,
  /** Names, or beginnings of names, of weights that the model does not need. */
  ignore: v.optional(v.pipe(v.array(name), v.maxLength(1000)), []),
});
/** The name of a mapping that lies beside the weights of a model. */
export const MAPPING_FILE = 'mapping.json';

/** A mapping as it is written, where defaults may be left out. */
export type MappingFile = v.InferInput<typeof MappingSchema>;
export type Mapping = v.InferOutput<typeof MappingSchema>;
export type MappedLayer = v.InferOutput<typeof LayerSchema>;

/**
 * Reads a mapping file.
 *
 * @throws UnravelError `not-found`, or `bad-input` with the path of what is wrong in it
 */
export function readMapping(path: string): Promise<Mapping> {
  return readJsonFile(path, {
    schema: MappingSchema,
    mostBytes: MOST_MAPPING_BYTES,
    followLinks: true,
    isWrittenByHand: true,
    otherwise: 'does not describe the layers of a model',
    hint: 'docs/models.md describes the format and has an example.',
  });
}
