import {
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
} from '../src/engine/files/safetensors.ts';
import { makeFactor, type Factor } from '../src/engine/metrics/factor.ts';
import type { FactoredPosteriors } from '../src/engine/metrics/posterior-information.ts';
import { createRandom, type Random } from '../src/engine/basics/random.ts';

/** How many values each factor has: dSprites' shape, scale, orientation, x and y. */
const FACTOR_VALUES = [3, 6, 40, 32, 32];
const LATENT_DIM = 10;
const SEED = 1;

/** A new generator of the noise in z = μ + √Σ·ε with a fixed seed, so that all measurements use the same codes. */
export function createNoise(): Random {
  return createRandom(SEED, 'bench posterior noise');
}

/**
 * Mean and log variance of an image's posterior in each dimension, like those of a β-VAE that has learnt the factors:
 * one dimension for each factor, another one that depends on x, and the others equal to the prior.
 */
function drawPosterior(values: readonly number[], random: Random): (readonly [number, number])[] {
  const places = values.map((value, f) => 1.7 * ((2 * value) / (FACTOR_VALUES[f]! - 1) - 1));
  const learnt = places.map((place) => [place + 0.1 * random.normal(), 0.7 * random.normal() - 4] as const);
  const entangled = [0.5 * places[3]! + 0.5 * random.normal(), 0.5 * random.normal() - 1.5] as const;
  const unused = Array.from(
    { length: LATENT_DIM - values.length - 1 },
    () => [0.05 * random.normal(), 0.01 * random.normal() - 0.02] as const,
  );
  return [...learnt, entangled, ...unused];
}

/**
 * Writes posteriors of images with known factors as safetensors: `mu` and `logVar` `[images, latentDim]`, `classes`
 * `[factors, images]`, and the `noise` `[latentDim, images]` that {@link createNoise} gives.
 */
export async function writePosteriors(path: string, images: number): Promise<void> {
  const random = createRandom(SEED, 'bench posteriors');
  const mu = new Float32Array(images * LATENT_DIM);
  const logVar = new Float32Array(images * LATENT_DIM);
  const classes = new Int32Array(FACTOR_VALUES.length * images);
  for (let n = 0; n < images; n++) {
    const values = FACTOR_VALUES.map((count) => random.integer(count));
    values.forEach((value, f) => (classes[f * images + n] = value));
    drawPosterior(values, random).forEach(([mean, log], l) => {
      mu[n * LATENT_DIM + l] = mean;
      logVar[n * LATENT_DIM + l] = log;
    });
  }
  const generator = createNoise();
  const noise = Float64Array.from({ length: LATENT_DIM * images }, () => generator.normal());
  await writeSafetensors(
    path,
    new Map<string, AnyTensor>([
      ['mu', { shape: [images, LATENT_DIM], data: mu }],
      ['logVar', { shape: [images, LATENT_DIM], data: logVar }],
      ['noise', { shape: [LATENT_DIM, images], data: noise }],
      ['classes', { shape: [FACTOR_VALUES.length, images], data: classes }],
    ]),
  );
}

function factorOf(classes: ArrayLike<number>, f: number): Factor {
  const column = { name: `factor ${f}`, type: 'continuous', factor: true } as const;
  const factor = makeFactor({ column, values: Float32Array.from(classes) });
  if ('leftOut' in factor) throw new Error(factor.leftOut);
  return factor;
}

/** Reads what {@link writePosteriors} wrote, as the engine measures it. */
export async function readPosteriors(path: string): Promise<FactoredPosteriors> {
  const file = await readSafetensors(path);
  const classes = file.tensors.get('classes');
  if (!classes) throw new Error(`${path} has no classes.`);
  const [count = 0, images = 0] = classes.shape;
  return {
    mu: floatTensor(file, 'mu', [images, LATENT_DIM], path).data,
    logVar: floatTensor(file, 'logVar', [images, LATENT_DIM], path).data,
    latentDim: LATENT_DIM,
    factors: Array.from({ length: count }, (_, f) =>
      factorOf(classes.data.subarray(f * images, (f + 1) * images), f),
    ),
  };
}
