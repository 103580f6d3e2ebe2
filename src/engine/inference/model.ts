import type { RunInfo } from '../../contract/run.ts';
import { splitPosterior } from '../losses/posterior.ts';
import type { ModelSpec } from '../models/architecture.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import { readCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { specOfRun } from '../runs/spec.ts';
import { openRun } from '../runs/store.ts';
import type { Workspace } from '../workspace.ts';
import { FrozenNetworks } from './networks.ts';

/** Images go through the networks so many at a time: enough to be quick, few enough to be light. */
const CHUNK = 64;

/** Posteriors of images, `[count, latentDim]` each. */
export interface Posteriors {
  readonly mu: Float32Array;
  /** log Σ(x); empty for an AE, which has codes only. */
  readonly logVar: Float32Array;
}

/** A trained model, for looking at: encodes and decodes any number of images. */
export class TrainedModel {
  readonly spec: ModelSpec;
  readonly #networks: FrozenNetworks;

  constructor(spec: ModelSpec, weights: Weights, statistics: Statistics) {
    this.spec = spec;
    this.#networks = new FrozenNetworks(spec, weights, statistics);
  }

  get latentDim(): number {
    return this.spec.shape.latentDim;
  }

  get imageSize(): 32 | 64 {
    return this.spec.shape.imageSize;
  }

  get channels(): 1 | 3 {
    return this.spec.shape.channels;
  }

  /**
   * q(z|x) of images.
   *
   * @param images - `[count, imageSize, imageSize, channels]`, bytes
   */
  encode(images: Uint8Array, count: number): Posteriors {
    const { latentDim, variational } = this.spec.shape;
    const pixels = this.imageSize * this.imageSize * this.channels;
    const mu = new Float32Array(count * latentDim);
    const logVar = new Float32Array(variational ? count * latentDim : 0);
    for (let start = 0; start < count; start += CHUNK) {
      const batch = Math.min(CHUNK, count - start);
      const chunk = images.subarray(start * pixels, (start + batch) * pixels);
      const part = splitPosterior(this.#networks.encode(chunk, batch), batch, latentDim);
      mu.set(part.mu, start * latentDim);
      if (variational) logVar.set(part.logVar, start * latentDim);
    }
    return { mu, logVar };
  }

  /**
   * Images of codes, in [0, 1]; an AE's linear output is cut off there.
   *
   * @param z - `[count, latentDim]`
   * @returns `[count, imageSize, imageSize, channels]`
   */
  decode(z: Float32Array, count: number): Float32Array {
    const { latentDim } = this;
    const pixels = this.imageSize * this.imageSize * this.channels;
    if (count <= CHUNK) return this.#clipped(this.#networks.decode(z, count));
    const images = new Float32Array(count * pixels);
    for (let start = 0; start < count; start += CHUNK) {
      const batch = Math.min(CHUNK, count - start);
      const codes = z.subarray(start * latentDim, (start + batch) * latentDim);
      images.set(this.#clipped(this.#networks.decode(codes, batch)), start * pixels);
    }
    return images;
  }

  /** What the decoder gives, uncut: for an AE it may leave [0, 1]. */
  decodeRaw(z: Float32Array, count: number): Float32Array {
    return this.#networks.decode(z, count);
  }

  /** Gives TensorFlow's memory back. */
  dispose(): void {
    this.#networks.dispose();
  }

  #clipped(images: Float32Array): Float32Array {
    if (this.spec.output === 'sigmoid') return images;
    for (let i = 0; i < images.length; i++) images[i] = Math.min(1, Math.max(0, images[i]!));
    return images;
  }
}

/** A run's model as its last checkpoint has it. */
export class InferenceModel extends TrainedModel {
  readonly info: RunInfo;
  /** Steps that its checkpoint was trained for; `info.step` may lag behind by a moment. */
  readonly step: number;

  constructor(info: RunInfo, { weights, statistics, step }: Checkpoint) {
    super(specOfRun(info), weights, statistics);
    this.info = info;
    this.step = step;
  }
}

/**
 * Opens a run's model.
 *
 * @param idOrName - the run's id, the beginning of it, or its name
 * @throws UnravelError `not-found` when there is no such run or it has no checkpoint yet
 */
export async function openModel(workspace: Workspace, idOrName: string): Promise<InferenceModel> {
  const { info, folder } = await openRun(workspace, idOrName);
  return new InferenceModel(info, await readCheckpoint(folder, specOfRun(info), { moments: false }));
}
