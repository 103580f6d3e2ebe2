import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

const width = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1_000_000));
const small = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(64));
const pixels = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(1024));

const ConvSchema = v.object({
  kind: v.picklist(['conv', 'conv-transpose']),
  filters: width,
  kernel: v.pipe(small, v.minValue(1)),
  stride: v.pipe(small, v.minValue(1)),
  padding: v.union([v.picklist(['same', 'valid']), small]),
  outputPadding: v.exactOptional(small),
  bias: v.literal(true),
  /** Batch norms are folded into the filters when a network is imported. */
  batchNorm: v.literal(false),
  activation: v.picklist(['linear', 'relu']),
});

const ActivationSchema = v.object({
  kind: v.literal('activation'),
  activation: v.picklist(['relu', 'leaky-relu', 'tanh', 'sigmoid', 'elu', 'silu']),
  slope: v.exactOptional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});

const InResidualSchema = v.variant('kind', [ConvSchema, ActivationSchema]);

/** Whether a layer may be in a residual block. */
export function isInResidual(layer: NetworkLayer): layer is v.InferOutput<typeof InResidualSchema> {
  return layer.kind === 'conv' || layer.kind === 'conv-transpose' || layer.kind === 'activation';
}

const LayerSchema = v.variant('kind', [
  ConvSchema,
  v.object({
    kind: v.literal('dense'),
    units: width,
    parts: v.picklist([1, 2]),
    activation: v.picklist(['linear', 'relu']),
  }),
  v.object({ kind: v.literal('reshape'), to: v.tuple([pixels, pixels, width]) }),
  ActivationSchema,
  v.object({
    kind: v.literal('residual'),
    layers: v.pipe(v.array(InResidualSchema), v.minLength(1), v.maxLength(40)),
    activation: v.literal('linear'),
  }),
  v.object({
    kind: v.literal('resize'),
    to: v.tuple([pixels, pixels]),
    method: v.picklist(['bilinear', 'nearest']),
  }),
]);

const layers = v.pipe(v.array(LayerSchema), v.minLength(1), v.maxLength(200));

/** The layers of a model that was made elsewhere and is none of the architectures that Unravel trains. */
export const NetworkSchema = v.object({
  /** What it is called: “BetaVAE_H”. */
  name: ShownTextSchema,
  encoder: layers,
  decoder: layers,
  output: v.picklist(['sigmoid', 'linear']),
  range: v.picklist(['unit', 'signed']),
});
export type Network = v.InferOutput<typeof NetworkSchema>;
export type NetworkLayer = Network['encoder'][number];
