import * as v from 'valibot';
import type { JsonTextRule } from './parse-json.ts';
import { ShownTextSchema } from './shown-text.ts';

/** The architectures that Unravel has. */
export const ArchitectureNameSchema = v.picklist(['paper', 'burgess', 'residual']);
export type ArchitectureName = v.InferOutput<typeof ArchitectureNameSchema>;

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most));
const pixels = whole(1, 1024);
const width = whole(1, 65_536);
const activation = v.optional(
  v.picklist(['linear', 'relu', 'leaky-relu', 'leaky-relu-0.2', 'silu', 'tanh']),
  'linear',
);

const ConvSchema = v.strictObject({
  kind: v.picklist(['conv', 'conv-transpose']),
  /** `channels`: as many as the images have. */
  filters: v.union([width, v.literal('channels')]),
  kernel: whole(1, 31),
  stride: v.optional(whole(1, 16), 1),
  padding: v.optional(v.picklist(['same', 'valid']), 'same'),
  batchNorm: v.optional(v.boolean(), false),
  /** A layer has one unless it has a batch norm, which has an offset of its own. */
  bias: v.exactOptional(v.boolean()),
  activation,
});

const OwnLayerSchema = v.variant('kind', [
  ConvSchema,
  v.strictObject({ kind: v.literal('dense'), units: width, activation }),
  /** `[height, width, channels]`. */
  v.strictObject({ kind: v.literal('reshape'), to: v.tuple([pixels, pixels, width]) }),
  /** Repeats every pixel along both axes. */
  v.strictObject({ kind: v.literal('upsample'), factor: whole(2, 16) }),
  /** Adds the result of its layers to its input. */
  v.strictObject({
    kind: v.literal('residual'),
    layers: v.pipe(v.array(ConvSchema), v.minLength(1), v.maxLength(10)),
    activation,
  }),
]);
export type OwnLayer = v.InferOutput<typeof OwnLayerSchema>;

const layers = v.pipe(v.array(OwnLayerSchema), v.maxLength(100));

/**
 * An architecture that a person describes. The layer that gives the posterior, or an AE's code, is added at the encoder's
 * end; the decoder begins with z and ends with an image.
 */
export const OwnArchitectureSchema = v.strictObject({
  name: v.pipe(ShownTextSchema, v.minLength(1), v.maxLength(100)),
  encoder: layers,
  decoder: v.pipe(layers, v.minLength(1)),
});
export type OwnArchitecture = v.InferOutput<typeof OwnArchitectureSchema>;

/** How a file with an architecture is checked. */
export const ARCHITECTURE_FILE = {
  schema: OwnArchitectureSchema,
  mostBytes: 1_000_000,
  isWrittenByHand: true,
  otherwise: 'does not describe an architecture',
  hint: 'docs/models.md describes the format and has an example.',
} as const satisfies JsonTextRule<typeof OwnArchitectureSchema> & { readonly mostBytes: number };

export const ArchitectureSchema = v.union([ArchitectureNameSchema, OwnArchitectureSchema]);
export type Architecture = v.InferOutput<typeof ArchitectureSchema>;

/** What an architecture is called. */
export function architectureName(architecture: Architecture): string {
  return typeof architecture === 'string' ? architecture : architecture.name;
}

/** Which of Unravel's architectures another one is most like, as far as its speed and its rates are concerned. */
export function likeArchitecture(architecture: Architecture): ArchitectureName {
  return typeof architecture === 'string' ? architecture : 'residual';
}
