import { afterEach, describe, expect, it } from 'vitest';
import type { ArchitectureName } from '../../../src/contract/architecture.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { leastSquaresLosses } from '../../../src/engine/losses/least-squares.ts';
import type { ModelSpec } from '../../../src/engine/models/architecture.ts';
import { planPatchDiscriminator } from '../../../src/engine/models/companions.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { EncoderFeatures } from '../../../src/engine/models/encoder-features.ts';
import { TrainingModel } from '../../../src/engine/models/training-model.ts';
import {
  drawWeights,
  initialWeights,
  normedLayers,
  weightSlots,
  type Statistics,
  type Weights,
} from '../../../src/engine/models/weights.ts';
import { download, free, liveTensors, upload } from '../../../src/engine/tensorflow/tensors.ts';
import { PatchDiscriminator } from '../../../src/engine/training/patch-discriminator.ts';
import {
  sharpeningStep,
  type SharpeningLoss,
  type SharpeningParts,
} from '../../../src/engine/training/sharpening-step.ts';
import { expectSame } from './same-weights.ts';

const [batch, size, latentDim] = [4, 32, 3] as const;
const plan = planPatchDiscriminator(size, 3);
const fresh = (): Weights => drawWeights(plan.flatMap(weightSlots), 3);
const discriminate = (): PatchDiscriminator => new PatchDiscriminator(plan, fresh(), 1e-3);

function makeSpec(architecture: ArchitectureName, conditionWidth = 0, variational = true): ModelSpec {
  return describeModel({
    architecture,
    latentDim,
    imageSize: size,
    channels: 3,
    variational,
    conditionWidth,
  });
}

function someStatistics(spec: ModelSpec): Statistics {
  return new Map(
    normedLayers(spec).flatMap(({ name, channels }) => [
      [`${name}.mean`, { shape: [channels], data: new Float32Array(channels).fill(0.02) }],
      [`${name}.variance`, { shape: [channels], data: new Float32Array(channels).fill(0.1) }],
    ]),
  );
}

/** Smooth pictures in [0, 1]. */
function somePictures(count: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const phases = Array.from({ length: count }, () => 6 * random.uniform());
  return Float32Array.from({ length: count * size * size * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % size;
    const y = Math.floor(i / (3 * size)) % size;
    const n = Math.floor(i / (3 * size * size));
    return 0.5 + 0.4 * Math.sin(x / 5 + phases[n]!) * Math.cos(y / 7 + (i % 3));
  });
}

const shapeOf = (count: number): number[] => [count, size, size, 3];

/** Compares the slope of a value along its gradient, by differences, with the gradient's length. */
function expectSlope(made: Float32Array, gradient: Float32Array, value: (at: Float32Array) => number): void {
  const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  const step = 0.02;
  const moved = (by: number): number => value(made.map((pixel, i) => pixel + (by * gradient[i]!) / norm));
  expect(Math.abs((moved(step) - moved(-step)) / (2 * step * norm) - 1)).toBeLessThan(0.01);
}

afterEach(() => expect(liveTensors()).toBe(0));

describe('the losses of least squares', () => {
  it('have the gradients that differences give', () => {
    const outputs = createRandom(1).fillNormal(new Float32Array(12));
    const { decoderGradient, discriminatorGradient } = leastSquaresLosses(outputs, 4);
    outputs.forEach((_, i) => {
      const at = (by: number) => leastSquaresLosses(outputs.with(i, outputs[i]! + by), 4);
      const [above, below] = [at(1e-2), at(-1e-2)];
      expect((above.adversarial - below.adversarial) / 2e-2).toBeCloseTo(decoderGradient[i]!, 4);
      expect((above.discriminator - below.discriminator) / 2e-2).toBeCloseTo(discriminatorGradient[i]!, 4);
    });
  });

  it('are ¼ where the discriminator cannot distinguish the pictures, and pause it where it is right', () => {
    const unsure = leastSquaresLosses(new Float32Array(12).fill(0.5), 4);
    expect(unsure.discriminator).toBeCloseTo(0.25, 6);
    expect(unsure.trainsDiscriminator).toBe(true);
    const sure = leastSquaresLosses(Float32Array.of(1, 1, 0, 0), 2);
    expect(sure.discriminator).toBe(0);
    expect(sure.trainsDiscriminator).toBe(false);
  });
});

describe('the discriminator of patches', () => {
  const judge = (discriminator: PatchDiscriminator, made: Float32Array, kinds = 2) => {
    const [x, m] = [upload(shapeOf(batch), somePictures(batch, 4)), upload(shapeOf(kinds * batch), made)];
    const { losses, gradient } = discriminator.compare(x, m, batch, kinds, [5, 2]);
    const result = { losses, gradient: download(gradient) };
    free(x, m, gradient);
    return result;
  };

  it.each([1, 2])('has, with %i kinds of made pictures, the gradient that differences give', (kinds) => {
    const discriminator = discriminate();
    const made = somePictures(kinds * batch, 9);
    const { gradient } = judge(discriminator, made, kinds);
    expectSlope(made, gradient, (at) => judge(discriminator, at, kinds).losses.adversarial);
    discriminator.dispose();
  });

  it('counts every pixel alike: away from the edges, its gradient at flat pictures is flat', () => {
    const large = planPatchDiscriminator(64, 1);
    const discriminator = new PatchDiscriminator(large, drawWeights(large.flatMap(weightSlots), 3), 1e-3);
    const flat = upload([1, 64, 64, 1], new Float32Array(64 * 64).fill(0.5));
    const { gradient } = discriminator.compare(flat, flat, 1, 1, [0, 0]);
    const slopes = download(gradient);
    free(flat, gradient);
    const inner = Array.from({ length: 16 * 16 }, (_, i) => slopes[(24 + (i >> 4)) * 64 + 24 + (i & 15)]!);
    expect(Math.abs(inner[0]!)).toBeGreaterThan(1e-7);
    for (const slope of inner) expect(Math.abs(slope / inner[0]! - 1)).toBeLessThan(1e-3);
    discriminator.dispose();
  });

  it('learns to tell, and goes on from its state as if it had never stopped', () => {
    const lesson = { codes: new Float32Array(0), distance: 0, numbers: 0, seed: 1 };
    const made = somePictures(2 * batch, 9).map((value) => value * 0.5);
    const teach = (discriminator: PatchDiscriminator, from: number, to: number): number => {
      let last = 0;
      for (let step = from; step < to; step++) {
        last = judge(discriminator, made).losses.discriminator;
        discriminator.learn({ ...lesson, step });
      }
      return last;
    };
    const whole = discriminate();
    const before = judge(whole, made).losses.discriminator;
    const after = teach(whole, 0, 30);
    expect(after).toBeLessThan(0.8 * before);
    const first = discriminate();
    teach(first, 0, 12);
    const second = new PatchDiscriminator(plan, first.state(), 1e-3);
    teach(second, 12, 30);
    expectSame(second.state(), whole.state());
    for (const each of [whole, first, second]) each.dispose();
  });
});

describe.each(['paper', 'burgess', 'residual'] as const)('features of the encoder of %s', (architecture) => {
  const spec = makeSpec(architecture, 2);
  const compare = (features: EncoderFeatures, made: Float32Array) => {
    const [x, m] = [upload(shapeOf(batch), somePictures(batch, 4)), upload(shapeOf(batch), made)];
    const { error, gradient } = features.compare(x, m, batch);
    const result = { error, gradient: download(gradient) };
    free(x, m, gradient);
    return result;
  };

  it('have the gradient that differences give, and none for equal pictures', () => {
    const features = new EncoderFeatures(spec, initialWeights(spec, 2), someStatistics(spec));
    const made = somePictures(batch, 9);
    const { error, gradient } = compare(features, made);
    expect(error).toBeGreaterThan(0.1);
    expectSlope(made, gradient, (at) => compare(features, at).error);
    const equal = compare(features, somePictures(batch, 4));
    expect(equal.error).toBe(0);
    expect(equal.gradient.every((slope) => slope === 0)).toBe(true);
    features.dispose();
  });
});

describe('a step of a sharpening', () => {
  function stepping(spec: ModelSpec, weights = initialWeights(spec, 2)) {
    const model = new TrainingModel(spec, weights);
    const features = new EncoderFeatures(spec, weights, someStatistics(spec));
    const discriminator = discriminate();
    const random = createRandom(5);
    const codes = random.fillNormal(new Float32Array(batch * latentDim));
    const samples = spec.shape.variational
      ? random.fillNormal(new Float32Array(batch * latentDim))
      : undefined;
    const width = spec.shape.conditionWidth ?? 0;
    const condition = width
      ? Float32Array.from({ length: batch * width }, (_, i) => (i % width === 0 ? 1 : 0))
      : undefined;
    const images = Uint8Array.from(somePictures(batch, 4), (value) => 255 * value);
    const step = (
      chosen: SharpeningParts['weights'],
      sink: Parameters<typeof sharpeningStep>[3] = () => undefined,
    ): SharpeningLoss =>
      sharpeningStep(
        model,
        { discriminator, features, weights: chosen, samples, shift: [3, 1] },
        { images, codes, condition, batch },
        sink,
      );
    const dispose = (): void => {
      for (const each of [model, features, discriminator]) each.dispose();
    };
    return { model, weights, step, dispose };
  }

  it.each([
    { architecture: 'paper', width: 0, variational: true },
    { architecture: 'residual', width: 2, variational: true },
    { architecture: 'burgess', width: 0, variational: false },
  ] as const)(
    'has, for weights of the decoder of $architecture, the gradients that differences give, and for no other',
    ({ architecture, width, variational }) => {
      const spec = makeSpec(architecture, width, variational);
      const { model, weights, step, dispose } = stepping(spec);
      const fixed = { features: 40, adversarial: 300 };
      const gradients = new Map<string, Float32Array>();
      step({ fixed }, (name, _, gradient) => gradients.set(name, download(gradient)));
      expect([...gradients.keys()].sort()).toEqual(
        [...weights.keys()].filter((name) => name.startsWith('decoder.')).sort(),
      );
      const name = [...gradients.keys()].find((each) => /\.(filter|matrix)$/.test(each))!;
      const gradient = gradients.get(name)!;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const variable = model.variables.get(name)!;
      const { data } = weights.get(name)!;
      const moved = (by: number): number => {
        variable.write(data.map((w, i) => w + (by * gradient[i]!) / norm));
        return step({ fixed }).total;
      };
      const slopes = [2e-3, 5e-3, 1e-2, 2e-2].map((by) => (moved(by) - moved(-by)) / (2 * by * norm));
      expect(Math.min(...slopes.map((slope) => Math.abs(slope - 1))), slopes.join()).toBeLessThan(0.02);
      dispose();
    },
  );

  it('gives the parts gradients in the wanted proportions, whatever their scale is', () => {
    const { step, dispose } = stepping(makeSpec('burgess', 0, false));
    const one = step({ perceptual: 0.5, adversarial: 0.2 }).factors;
    const two = step({ perceptual: 1, adversarial: 0.6 }).factors;
    expect(one.features).toBeGreaterThan(0);
    expect(two.features / one.features).toBeCloseTo(2, 4);
    expect(two.adversarial / one.adversarial).toBeCloseTo(3, 4);
    expect(step({ perceptual: 0, adversarial: 0 }).factors).toEqual({ features: 0, adversarial: 0 });
    dispose();
  });
});
