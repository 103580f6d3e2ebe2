import { afterEach, describe, expect, it } from 'vitest';
import { ArchitectureNameSchema, type ArchitectureName } from '../../../src/contract/architecture.ts';
import type { Deviation } from '../../../src/contract/deviation.ts';
import { IMAGE_SIZES, type ImageSize } from '../../../src/contract/image-size.ts';
import { isVariational, type Decoder, type ModelKind } from '../../../src/contract/run.ts';
import { makeObjective, penaltyOf } from '../../../src/engine/losses/objectives.ts';
import { likelihoodOf } from '../../../src/engine/losses/decoders.ts';
import type { GradientSink } from '../../../src/engine/models/layers/layer.ts';
import type { ModelSpec } from '../../../src/engine/models/architecture.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { TrainingModel } from '../../../src/engine/models/training-model.ts';
import { initialWeights, type Weights } from '../../../src/engine/models/weights.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { download, free, liveTensors } from '../../../src/engine/tensorflow/tensors.ts';
import { trainingStep, type StepInput } from '../../../src/engine/training/step.ts';

const batch = 6;
const latentDim = 3;

function someInput(spec: ModelSpec): StepInput {
  const random = createRandom(8, 'input');
  const { imageSize, channels } = spec.shape;
  const images = new Uint8Array(batch * imageSize * imageSize * channels);
  // Smooth pictures: with noise every activation sits near its kink.
  for (let i = 0; i < images.length; i++) {
    const x = Math.floor(i / channels) % imageSize;
    const n = Math.floor(i / (imageSize * imageSize * channels));
    images[i] = 128 + 100 * Math.sin((x / imageSize) * (n + 1) * 3 + (i % channels) + random.uniform() * 0.2);
  }
  const noise = random.fillNormal(new Float32Array(batch * latentDim));
  return { images, batch, noise, datasetSize: 100, step: 0, totalSteps: 1 };
}

function makeSpec(
  architecture: ArchitectureName,
  model: ModelKind,
  conditionWidth = 0,
  imageSize: ImageSize = 32,
): ModelSpec {
  return describeModel({
    architecture,
    latentDim,
    imageSize,
    channels: 3,
    variational: isVariational({ model }),
    conditionWidth,
  });
}

/** The condition of a conditional model: one of three things, of each image another. */
function someCondition(): Float32Array {
  return Float32Array.from({ length: 3 * batch }, (_, k) => (k % 3 === Math.floor(k / 3) % 3 ? 1 : 0));
}

/** Nats: a gradient below it is zero, as that of a code's bias before a batch norm. */
const VANISHED = 2e-2;

/** Weights away from the start, where biases are zero and posteriors all alike; posteriors stay moderate. */
function someWeights(spec: ModelSpec): Weights {
  const random = createRandom(4, 'shift');
  const posterior = `encoder.${spec.encoder.length - 1}.matrix`;
  // Glorot's weights lose half of a ReLU network's signal at every layer: the slopes would drown in rounding.
  const gain = spec.shape.architecture === 'burgess' ? 1.6 : 1;
  return new Map(
    [...initialWeights(spec, 2)].map(([name, { shape, data }]) => [
      name,
      {
        shape,
        data: data.map((value) => (name === posterior ? 0.3 : gain) * value + 0.03 * random.normal()),
      },
    ]),
  );
}

afterEach(() => expect(liveTensors()).toBe(0));

/**
 * How far the slope of the loss along a weight's gradient is from the gradient's length, and what was measured.
 *
 * @param data - the weight's value, which is restored
 * @param value - the loss
 */
function slopeError(
  training: TrainingModel,
  name: string,
  data: Float32Array,
  gradient: Float32Array,
  value: number,
  loss: () => number,
): [error: number, slopes: string] {
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  const variable = training.variables.get(name)!;
  const size = Math.sqrt(data.reduce((sum, w) => sum + w * w, 0)) || 1;
  // Along the gradient the slope is its length; steps are chosen by how much they should change the loss.
  // Kinks spoil the large ones, rounding the small ones: one has neither.
  const slopes: number[] = [];
  const error = (): number =>
    Math.min(...slopes.map((slope) => Math.abs(slope - norm))) / Math.max(norm, VANISHED);
  for (const part of [2e-3, 5e-4, 1e-2, 1e-4, 5e-3, 2e-2, 5e-2]) {
    const step = Math.min((part * value) / norm, 5 * part * size);
    variable.write(data.map((w, i) => w + (step * gradient[i]!) / norm));
    const above = loss();
    variable.write(data.map((w, i) => w - (step * gradient[i]!) / norm));
    slopes.push((above - loss()) / (2 * step));
    if (error() < 0.02) break;
  }
  variable.write(data);
  return [error(), `${slopes.join(', ')} for ${norm}`];
}

interface Case {
  readonly architecture: ArchitectureName;
  readonly model: ModelKind;
  readonly decoder?: Decoder;
  readonly deviation?: Deviation;
  /** Told a condition of three numbers. */
  readonly isTold?: boolean;
}

const cases: readonly Case[] = [
  { architecture: 'paper', model: 'vae' },
  { architecture: 'paper', model: 'beta-tcvae' },
  { architecture: 'paper', model: 'ae' },
  { architecture: 'burgess', model: 'beta-vae' },
  { architecture: 'burgess', model: 'beta-tcvae' },
  { architecture: 'burgess', model: 'ae' },
  { architecture: 'burgess', model: 'vae', decoder: { kind: 'gaussian', variance: 0.02 } },
  { architecture: 'burgess', model: 'vae', decoder: { kind: 'bernoulli' } },
  { architecture: 'burgess', model: 'vae', decoder: { kind: 'laplace', variance: 0.1 } },
  { architecture: 'burgess', model: 'vae', decoder: { kind: 'gaussian-learned' } },
  { architecture: 'burgess', model: 'vae', deviation: 'softplus' },
  { architecture: 'burgess', model: 'beta-tcvae', deviation: 'softplus' },
  { architecture: 'residual', model: 'ae' },
  { architecture: 'residual', model: 'beta-tcvae', decoder: { kind: 'bernoulli' }, isTold: true },
  { architecture: 'paper', model: 'vae', isTold: true },
  { architecture: 'burgess', model: 'beta-vae', isTold: true },
];

describe.each(cases)(
  'trained as $architecture, $model, $decoder.kind, $deviation, told $isTold',
  (trained) => {
    const { architecture, model, decoder, deviation = 'exp', isTold } = trained;

    it('has, for every weight, the gradient that differences give', () => {
      const plain = makeSpec(architecture, model, isTold ? 3 : 0);
      const spec = { ...plain, shape: { ...plain.shape, deviation } };
      const penalty = penaltyOf(makeObjective(model, {}));
      const likelihood = likelihoodOf(decoder, () => 0.03);
      const weights = someWeights(spec);
      const input = { ...someInput(spec), condition: isTold ? someCondition() : undefined };
      const training = new TrainingModel(spec, weights);
      const gradients = new Map<string, Float32Array>();
      const step = (sink: GradientSink): number =>
        trainingStep(training, penalty, input, sink, likelihood).loss.total;
      const value = step((name, _, gradient) => gradients.set(name, download(gradient)));
      const loss = (): number => step(() => undefined);

      expect([...gradients.keys()].sort()).toEqual([...weights.keys()].sort());
      for (const [name, { data }] of weights) {
        const [error, slopes] = slopeError(training, name, data, gradients.get(name)!, value, loss);
        expect(error, `${name}: ${slopes}`).toBeLessThan(0.02);
      }
      training.dispose();
    });
  },
);

describe.each(IMAGE_SIZES)('images of %i pixels', (imageSize) => {
  it.each(ArchitectureNameSchema.options)(
    'give %s finite gradients of every weight, and of the layer beside the image the one that differences give',
    (architecture) => {
      const spec = makeSpec(architecture, 'vae', 0, imageSize);
      const penalty = penaltyOf(makeObjective('vae', {}));
      const weights = someWeights(spec);
      const input = someInput(spec);
      const training = new TrainingModel(spec, weights);
      const gradients = new Map<string, Float32Array>();
      const step = (sink: GradientSink): number => trainingStep(training, penalty, input, sink).loss.total;
      const value = step((name, _, gradient) => gradients.set(name, download(gradient)));
      expect([...gradients.keys()].sort()).toEqual([...weights.keys()].sort());
      for (const [name, gradient] of gradients) {
        expect(gradient.every(Number.isFinite), name).toBe(true);
        expect(
          gradient.some((g) => g !== 0),
          name,
        ).toBe(true);
      }
      // The layers beyond it have kinks, which rounding of a sum over so many pixels does not let steps be small beside.
      const name = `decoder.${spec.decoder.length - 1}.filter`;
      const { data } = weights.get(name)!;
      const loss = (): number => step(() => undefined);
      const [error, slopes] = slopeError(training, name, data, gradients.get(name)!, value, loss);
      expect(error, `${name}: ${slopes}`).toBeLessThan(0.02);
      training.dispose();
    },
  );
});

describe('a quantised latent', () => {
  it('passes the decoder’s gradient straight through, and moves each value to the codes that have it', () => {
    const spec = describeModel({
      ...{ architecture: 'burgess', latentDim, imageSize: 32, channels: 3, variational: false },
      valuesPerDimension: 4,
    });
    const [quantisation, commitment] = [3, 2];
    const penalty = penaltyOf(makeObjective('qlae', { values: 4, quantisation, commitment }));
    const likelihood = likelihoodOf({ kind: 'gaussian', variance: 0.5 });
    const weights = someWeights(spec);
    const input = someInput(spec);
    const training = new TrainingModel(spec, weights);
    const gradients = new Map<string, Float32Array>();
    const sink: GradientSink = (name, _, gradient) => gradients.set(name, download(gradient));
    trainingStep(training, penalty, input, sink, likelihood);
    expect([...gradients.keys()].sort()).toEqual([...weights.keys()].sort());

    // By definition ẑ = f(x) + sg(q − f(x)), where sg is a constant in derivatives.
    const first = training.encode(input.images, batch);
    const { codes, places } = training.latentValues!.quantise(first);
    const loss = (): number => {
      const code = training.encode(input.images, batch);
      const z = code.map((c, i) => c + (codes[i]! - first[i]!));
      const made = training.reconstruct(z, batch);
      const { distance, gradient } = likelihood.compare(made, training.images, batch);
      const error = likelihood.nats(download(distance)[0]! / batch, 32 * 32 * 3);
      training.freeReconstruction(made);
      free(distance, gradient);
      const values = training.latentValues!.data;
      const squares = code.reduce(
        (sum, c, i) =>
          sum + commitment * (c - codes[i]!) ** 2 + quantisation * (values[places[i]!]! - first[i]!) ** 2,
        0,
      );
      return error + squares / batch;
    };
    const value = loss();
    // Layers further from the latent space are those of every model.
    const near = `encoder.${spec.encoder.length - 1}.`;
    for (const [name, { data }] of weights) {
      if (name.startsWith('encoder.') && !name.startsWith(near)) continue;
      const [error, slopes] = slopeError(training, name, data, gradients.get(name)!, value, loss);
      expect(error, `${name}: ${slopes}`).toBeLessThan(0.02);
    }
    training.dispose();
  });
});

describe('a quantised latent whose values are the codes', () => {
  it('has the autoencoder’s gradients, bit for bit', () => {
    const spec = describeModel({
      ...{ architecture: 'burgess', latentDim, imageSize: 32, channels: 3, variational: false },
      valuesPerDimension: batch,
    });
    const input = someInput(spec);
    const training = new TrainingModel(spec, someWeights(spec));
    const codes = training.encode(input.images, batch);
    const values = Float32Array.from(
      codes,
      (_, i) => codes[(i % batch) * latentDim + Math.floor(i / batch)]!,
    );
    training.variables.get('latent.values')!.write(values);
    const gradients = new Map<string, Float32Array>();
    const sink: GradientSink = (name, _, gradient) => gradients.set(name, download(gradient));
    trainingStep(training, penaltyOf(makeObjective('qlae', { values: batch })), input, sink);
    training.dispose();

    const { valuesPerDimension: _values, ...shape } = spec.shape;
    const plain = new TrainingModel({ ...spec, shape }, someWeights(spec));
    const expected = new Map<string, Float32Array>([['latent.values', new Float32Array(values.length)]]);
    trainingStep(plain, undefined, input, (name, _, gradient) => expected.set(name, download(gradient)));
    plain.dispose();
    for (const [name, gradient] of expected) expect(gradients.get(name), name).toEqual(gradient);
  });
});

describe('objectives in training', () => {
  const spec = makeSpec('burgess', 'vae');
  const gradientsOf = (model: ModelKind, beta?: number): Map<string, Float32Array> => {
    const training = new TrainingModel(spec, someWeights(spec));
    const gradients = new Map<string, Float32Array>();
    const penalty = penaltyOf(makeObjective(model, beta === undefined ? {} : { beta }));
    trainingStep(training, penalty, someInput(spec), (name, _, g) => gradients.set(name, download(g)));
    training.dispose();
    return gradients;
  };

  it('β-VAE at β = 1 is the VAE, bit for bit', () => {
    expect(gradientsOf('beta-vae', 1)).toEqual(gradientsOf('vae'));
  });

  it('β changes the encoder and, at equal weights and noise, not the decoder', () => {
    const [one, five] = [gradientsOf('vae'), gradientsOf('beta-vae', 5)];
    expect(five.get('decoder.0.matrix')).toEqual(one.get('decoder.0.matrix'));
    expect(five.get('encoder.0.filter')).not.toEqual(one.get('encoder.0.filter'));
  });
});

describe('mixed precision', () => {
  it.each(['paper', 'residual'] as const)(
    'gives nearly the gradients of full precision for %s',
    (architecture) => {
      const spec = makeSpec(architecture, 'vae');
      const penalty = penaltyOf(makeObjective('vae', {}));
      const gradients = (['full', 'mixed'] as const).map((precision) => {
        const training = new TrainingModel(spec, someWeights(spec), precision);
        const found = new Map<string, Float32Array>();
        trainingStep(training, penalty, someInput(spec), (name, _, g) => found.set(name, download(g)));
        training.dispose();
        return found;
      });
      for (const [name, full] of gradients[0]!) {
        const mixed = gradients[1]!.get(name)!;
        const dot = full.reduce((sum, g, i) => sum + g * mixed[i]!, 0);
        const norms = [full, mixed].map((g) => Math.sqrt(g.reduce((sum, value) => sum + value * value, 0)));
        expect(dot / (norms[0]! * norms[1]!), name).toBeGreaterThan(0.95);
      }
    },
  );
});
