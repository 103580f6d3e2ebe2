import { afterEach, describe, expect, it } from 'vitest';
import { klPenalty } from '../../../src/engine/losses/kl.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { planImageDiscriminator } from '../../../src/engine/models/companions.ts';
import { TrainingModel } from '../../../src/engine/models/training-model.ts';
import {
  drawWeights,
  initialWeights,
  weightSlots,
  type Weights,
} from '../../../src/engine/models/weights.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { download, free, liveTensors, upload } from '../../../src/engine/tensorflow/tensors.ts';
import { adversarialStep } from '../../../src/engine/training/adversarial-step.ts';
import { ImageDiscriminator } from '../../../src/engine/training/image-discriminator.ts';
import { trainingStep, type StepInput } from '../../../src/engine/training/step.ts';
import { expectSame } from './same-weights.ts';

const [batch, size, latentDim] = [4, 32, 3] as const;
const plan = planImageDiscriminator(size, 3);
const spec = describeModel({
  architecture: 'burgess',
  latentDim,
  imageSize: size,
  channels: 3,
  variational: true,
});

const fresh = (): Weights => drawWeights([...plan.lower, ...plan.upper].flatMap(weightSlots), 3);

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

function someInput(): StepInput {
  const images = Uint8Array.from(somePictures(batch, 4), (value) => 255 * value);
  const noise = createRandom(5).fillNormal(new Float32Array(batch * latentDim));
  return { images, batch, noise, datasetSize: 100, step: 0, totalSteps: 10 };
}

/** Judges made pictures, and hands back numbers instead of tensors. */
function judge(discriminator: ImageDiscriminator, images: Float32Array, made: Float32Array) {
  const shape = (count: number): number[] => [count, size, size, 3];
  const [x, m] = [upload(shape(batch), images), upload(shape(2 * batch), made)];
  const compared = discriminator.compare(x, m, batch, [5, 2]);
  const result = {
    ...compared,
    featureGradient: download(compared.featureGradient),
    adversarialGradient: download(compared.adversarialGradient),
  };
  free(x, m, compared.featureGradient, compared.adversarialGradient);
  return result;
}

const lesson = { codes: new Float32Array(0), distance: 0, numbers: 0, seed: 1 };

afterEach(() => expect(liveTensors()).toBe(0));

describe("VAE-GAN's discriminator", () => {
  it.each(['featureError', 'adversarial'] as const)(
    'has, for %s, the gradient in the made pictures that differences give',
    (term) => {
      const discriminator = new ImageDiscriminator(plan, fresh(), 1e-4);
      const images = somePictures(batch, 4);
      const made = somePictures(2 * batch, 9);
      const value = (): number => {
        const { featureError, losses } = judge(discriminator, images, made);
        return term === 'featureError' ? featureError : losses.adversarial;
      };
      const { featureGradient, adversarialGradient } = judge(discriminator, images, made);
      const gradient = term === 'featureError' ? featureGradient : adversarialGradient;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      // Along the gradient the slope is its length.
      const step = 0.02;
      const moved = (by: number): number => {
        const original = made.slice();
        made.forEach((pixel, i) => (made[i] = pixel + (by * gradient[i]!) / norm));
        const result = value();
        made.set(original);
        return result;
      };
      const slope = (moved(step) - moved(-step)) / (2 * step);
      expect(Math.abs(slope / norm - 1)).toBeLessThan(0.01);
      discriminator.dispose();
    },
  );

  it('finds no error of features where a picture is made exactly', () => {
    const discriminator = new ImageDiscriminator(plan, fresh(), 1e-4);
    const images = somePictures(batch, 4);
    const made = new Float32Array(2 * images.length);
    made.set(images);
    const { featureError, featureGradient } = judge(discriminator, images, made);
    expect(featureError).toBeCloseTo(0, 6);
    expect(featureGradient.every((slope) => Math.abs(slope) < 1e-6)).toBe(true);
    discriminator.dispose();
  });

  it('charges samples of the prior for no feature', () => {
    const discriminator = new ImageDiscriminator(plan, fresh(), 1e-4);
    const { featureGradient } = judge(discriminator, somePictures(batch, 4), somePictures(2 * batch, 9));
    expect(featureGradient.subarray(featureGradient.length / 2).every((slope) => slope === 0)).toBe(true);
    discriminator.dispose();
  });

  it('learns to tell, and then waits', () => {
    const discriminator = new ImageDiscriminator(plan, fresh(), 1e-3);
    const [images, made] = [somePictures(batch, 4), somePictures(2 * batch, 9).map((value) => value * 0.5)];
    const first = judge(discriminator, images, made).losses;
    let last = first;
    let step = 0;
    for (; last.trainsDiscriminator && step < 300; step++) {
      discriminator.learn({ ...lesson, step });
      last = judge(discriminator, images, made).losses;
    }
    expect(first.trainsDiscriminator).toBe(true);
    expect(last.trainsDiscriminator).toBe(false);
    expect(last.discriminator).toBeLessThan(first.discriminator);
    const before = discriminator.state();
    discriminator.learn({ ...lesson, step });
    expectSame(discriminator.state(), before);
    discriminator.dispose();
  });

  it('goes on from its state as if it had never stopped', () => {
    const made = [0, 1, 2, 3].map((seed) => somePictures(2 * batch, 20 + seed));
    const teach = (discriminator: ImageDiscriminator, from: number, to: number): void => {
      for (let step = from; step < to; step++) {
        judge(discriminator, somePictures(batch, 4), made[step]!);
        discriminator.learn({ ...lesson, step });
      }
    };
    const whole = new ImageDiscriminator(plan, fresh(), 1e-4);
    teach(whole, 0, 4);
    const first = new ImageDiscriminator(plan, fresh(), 1e-4);
    teach(first, 0, 2);
    const second = new ImageDiscriminator(plan, first.state(), 1e-4);
    teach(second, 2, 4);
    expectSame(second.state(), whole.state());
    for (const each of [whole, first, second]) each.dispose();
  });
});

describe('a step of VAE-GAN', () => {
  /** Gradients of encoder and decoder, λ being the losses's weight and α that of pixels. */
  function gradientsAt(lambda: number, betaOfKl = 1, alpha = 0): Map<string, Float32Array> {
    const model = new TrainingModel(spec, initialWeights(spec, 2));
    const discriminator = new ImageDiscriminator(plan, fresh(), 1e-4);
    const gradients = new Map<string, Float32Array>();
    const prior = createRandom(6).fillNormal(new Float32Array(batch * latentDim));
    const sink = (name: string, _: unknown, gradient: Parameters<typeof download>[0]): void => {
      gradients.set(name, download(gradient));
    };
    const game = {
      discriminator,
      alpha,
      lambda,
      penalty: klPenalty(betaOfKl),
      prior,
      shift: [3, 5],
    } as const;
    const { loss } = adversarialStep(model, game, someInput(), { encoder: sink, decoder: sink });
    const { reconstruction, features, kl, adversarial } = loss.terms;
    expect(loss.total).toBeCloseTo(
      features! + alpha * reconstruction! + betaOfKl * kl! + lambda * adversarial!,
      4,
    );
    discriminator.dispose();
    model.dispose();
    return gradients;
  }

  it("leaves the discriminator's losses to the decoder alone", () => {
    const [none, some] = [gradientsAt(0), gradientsAt(1000)];
    expect([...some.keys()].sort()).toEqual([...initialWeights(spec, 2).keys()].sort());
    for (const [name, gradient] of some) {
      if (name.startsWith('encoder')) expect(gradient).toEqual(none.get(name));
    }
    expect(some.get('decoder.0.matrix')).not.toEqual(none.get('decoder.0.matrix'));
  });

  it("weighs the losses's gradient by λ", () => {
    const [none, one, three] = [gradientsAt(0), gradientsAt(100), gradientsAt(300)];
    for (const name of ['decoder.1.matrix', 'decoder.4.filter']) {
      const [zero, a, b] = [none.get(name)!, one.get(name)!, three.get(name)!];
      const scale = Math.max(...b.map((value, i) => Math.abs(value - zero[i]!)));
      b.forEach((value, i) =>
        expect(Math.abs(value - zero[i]! - 3 * (a[i]! - zero[i]!)) / scale).toBeLessThan(1e-3),
      );
    }
  });

  it("adds α of a VAE's own gradient for the error of pixels", () => {
    const model = new TrainingModel(spec, initialWeights(spec, 2));
    const vae = new Map<string, Float32Array>();
    const { loss } = trainingStep(model, klPenalty(0), someInput(), (name, _, gradient) =>
      vae.set(name, download(gradient)),
    );
    model.dispose();
    const [none, some] = [gradientsAt(50, 1, 0), gradientsAt(50, 1, 7)];
    expect(loss.terms['reconstruction']).toBeGreaterThan(0);
    for (const name of ['encoder.0.filter', 'decoder.1.matrix', 'decoder.4.filter']) {
      const [zero, seven, own] = [none.get(name)!, some.get(name)!, vae.get(name)!];
      const scale = Math.max(...own.map(Math.abs));
      own.forEach((value, i) =>
        expect(Math.abs(seven[i]! - zero[i]! - 7 * value) / scale, name).toBeLessThan(2e-2),
      );
    }
  });
});
