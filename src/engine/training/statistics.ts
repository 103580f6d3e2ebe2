import type { HostTensor } from '../files/safetensors.ts';
import { splitPosterior, reparametrise } from '../losses/posterior.ts';
import type { TrainingModel } from '../models/training-model.ts';
import { LATENT_FREQUENCIES, normedLayers, type Statistics } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import { download, freeOnFailure, type Tensor } from '../tensorflow/tensors.ts';
import { inOne } from './in-one.ts';
import type { FrozenEncoder } from './strategy.ts';

/** A batch of images, `[batch, size, size, channels]`, and the conditions of a conditional model. */
export interface StatisticsBatch {
  readonly images: Uint8Array;
  readonly condition?: Float32Array | undefined;
}

/** Which codes the decoder's statistics are measured over. */
export interface StatisticsOptions {
  /** Also as many codes of the prior, for a model that is trained on both. */
  readonly withPrior?: boolean;
  /** An encoder that was not trained: its own statistics are kept, and its codes used. */
  readonly encoder?: FrozenEncoder | undefined;
}

/** Sums over batches of one layer's statistics. */
interface Sums {
  readonly mean: Float64Array;
  readonly square: Float64Array;
}

/**
 * Measures mean and variance of every batch norm's input over the data with the current weights, for inference, and how
 * often a quantised model uses each of its values, from which samples are drawn. The
 * paper's moving averages (momentum 0.99) lag a hundred steps behind, more than an epoch of a small data set, and
 * would have to be part of the training state in a checkpoint.
 *
 * @param batches - all of the same size
 */
export function measureStatistics(
  model: TrainingModel,
  batches: readonly StatisticsBatch[],
  batch: number,
  seed: number,
  { withPrior = false, encoder }: StatisticsOptions = {},
): Statistics {
  const layers = normedLayers(model.spec).filter(({ name }) => !encoder || !name.startsWith('encoder.'));
  const values = encoder ? undefined : model.latentValues;
  if (layers.length === 0 && !values) return encoder?.statistics ?? new Map<string, HostTensor>();
  const counts = new Float64Array(values?.data.length ?? 0);
  const sums = new Map<string, Sums>(
    layers.map(({ name, channels }) => [
      name,
      { mean: new Float64Array(channels), square: new Float64Array(channels) },
    ]),
  );
  const pixels = new Map(layers.map((layer) => [layer.name, layer.pixels]));
  const adding =
    (rows: number) =>
    (layer: string, mean: Tensor, variance: Tensor): void => {
      const sum = sums.get(layer)!;
      const count = rows * pixels.get(layer)!;
      const [means, variances] = [download(mean), download(variance)];
      for (let c = 0; c < means.length; c++) {
        // TensorFlow gives the unbiased variance; the normalisation uses the biased one.
        sum.mean[c]! += means[c]! / batches.length;
        sum.square[c]! += ((variances[c]! * (count - 1)) / count + means[c]! ** 2) / batches.length;
      }
    };

  const { latentDim } = model.spec.shape;
  const codesOf = ({ images, condition }: StatisticsBatch, i: number): Float32Array => {
    if (encoder) return encoder.codes(images, batch, condition);
    const pass = { statistics: adding(batch), condition };
    const { mu, logVar } = splitPosterior(model.encode(images, batch, pass), batch, latentDim);
    if (values) {
      const { codes, places } = values.quantise(mu);
      for (const place of places) counts[place]! += 1;
      return codes;
    }
    const noise = createRandom(seed, 'statistics', i).fillNormal(new Float32Array(mu.length));
    return logVar.length ? reparametrise(mu, logVar, noise) : mu;
  };
  const measure = (part: StatisticsBatch, i: number): void => {
    const { condition } = part;
    const pass = { statistics: adding(batch), condition };
    const z = codesOf(part, i);
    if (layers.length === 0) {
      model.release();
      return;
    }
    if (withPrior) {
      const prior = createRandom(seed, 'statistics', 'prior', i).fillNormal(new Float32Array(z.length));
      const doubled = condition && inOne(condition, condition);
      const both = { statistics: adding(2 * batch), condition: doubled };
      model.freeReconstruction(model.reconstruct(inOne(z, prior), 2 * batch, both));
    } else {
      model.freeReconstruction(model.reconstruct(z, batch, pass));
    }
    model.release();
  };
  batches.forEach((part, i) => freeOnFailure(() => measure(part, i)));

  const statistics = new Map<string, HostTensor>(encoder?.statistics);
  if (values) {
    const codes = batch * batches.length;
    const shape = [latentDim, values.count];
    statistics.set(LATENT_FREQUENCIES, { shape, data: Float32Array.from(counts, (count) => count / codes) });
  }
  for (const [name, { mean, square }] of sums) {
    const shape = [mean.length];
    statistics.set(`${name}.mean`, { shape, data: Float32Array.from(mean) });
    statistics.set(`${name}.variance`, {
      shape,
      data: Float32Array.from(square, (value, c) => Math.max(0, value - mean[c]! ** 2)),
    });
  }
  return statistics;
}
