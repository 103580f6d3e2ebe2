import { encodeCondition } from '../../contract/condition.ts';
import { imageBytes, type ImageSize } from '../../contract/image-size.ts';
import type { LatentValue } from '../../contract/operations/codes.ts';
import type { Condition, RunInfo } from '../../contract/run.ts';
import { splitPosterior } from '../losses/posterior.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { LatentValues } from '../models/latent-values.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import { readCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { specOfRun } from '../runs/spec.ts';
import { openRun } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';
import { FrozenNetworks } from '../models/frozen-networks.ts';

/** Number of images in a batch, a compromise between speed and memory. */
const CHUNK = 64;

/** Posteriors of images, `[count, latentDim]` each. */
export interface Posteriors {
  readonly mu: Float32Array;
  /** log Σ(x); empty for an AE, which has codes only. */
  readonly logVar: Float32Array;
}

/** A trained model that encodes and decodes any number of images. */
export class TrainedModel {
  readonly spec: ModelSpec;
  /** The condition of a conditional model. */
  readonly condition: Condition | undefined;
  /**
   * The values that each dimension of a quantised model can take, in ascending order, with how often the training images
   * have them; undefined for other models.
   */
  readonly latentValues: readonly (readonly LatentValue[])[] | undefined;
  readonly #networks: FrozenNetworks;
  /** The condition that is used if none is given, `[conditionWidth]`. */
  #usual: Float32Array | undefined;

  constructor(spec: ModelSpec, weights: Weights, statistics: Statistics, condition?: Condition) {
    this.spec = spec;
    this.condition = condition;
    this.latentValues = LatentValues.of(spec, weights)?.inOrder(statistics);
    this.#usual = condition && encodeCondition(condition, [condition.usual]);
    this.#networks = new FrozenNetworks(spec, weights, statistics);
  }

  /**
   * Sets the condition that is used if none is given.
   *
   * @param condition - `[conditionWidth]`
   */
  assume(condition: Float32Array): void {
    if (this.condition) this.#usual = condition;
  }

  get latentDim(): number {
    return this.spec.shape.latentDim;
  }

  get imageSize(): ImageSize {
    return this.spec.shape.imageSize;
  }

  get channels(): 1 | 3 {
    return this.spec.shape.channels;
  }

  /**
   * Encodes images to their posteriors q(z|x). A quantised model has no posterior; its mu are its learned values.
   *
   * @param images - `[count, imageSize, imageSize, channels]`, bytes
   * @param condition - the condition of each, `[count, conditionWidth]`, or of all, `[conditionWidth]`; if left
   * out, the default
   */
  encode(images: Uint8Array, count: number, condition?: Float32Array): Posteriors {
    const { latentDim, variational } = this.spec.shape;
    const pixels = imageBytes(this);
    const mu = new Float32Array(count * latentDim);
    const logVar = new Float32Array(variational ? count * latentDim : 0);
    for (let start = 0; start < count; start += CHUNK) {
      const batch = Math.min(CHUNK, count - start);
      const chunk = images.subarray(start * pixels, (start + batch) * pixels);
      const rows = this.#conditionRows(condition, count, start, batch);
      const part = splitPosterior(this.#networks.encode(chunk, batch, rows), batch, latentDim);
      mu.set(part.mu, start * latentDim);
      if (variational) logVar.set(part.logVar, start * latentDim);
    }
    return { mu, logVar };
  }

  /**
   * Decodes codes to images in [0, 1]; an AE's linear output is clipped.
   *
   * @param z - `[count, latentDim]`
   * @param condition - as in {@link encode}
   * @returns `[count, imageSize, imageSize, channels]`
   */
  decode(z: Float32Array, count: number, condition?: Float32Array): Float32Array {
    const { latentDim } = this;
    const pixels = imageBytes(this);
    if (count <= CHUNK) return this.#clipped(this.decodeRaw(z, count, condition));
    const images = new Float32Array(count * pixels);
    for (let start = 0; start < count; start += CHUNK) {
      const batch = Math.min(CHUNK, count - start);
      const codes = z.subarray(start * latentDim, (start + batch) * latentDim);
      const rows = this.#conditionRows(condition, count, start, batch);
      images.set(this.#clipped(this.#networks.decode(codes, batch, rows)), start * pixels);
    }
    return images;
  }

  /** Decodes codes without clipping: an AE's output may be outside [0, 1]. */
  decodeRaw(z: Float32Array, count: number, condition?: Float32Array): Float32Array {
    return this.#networks.decode(z, count, this.#conditionRows(condition, count, 0, count));
  }

  /** The condition's rows for `batch` of `count` images, from `start` on. */
  #conditionRows(
    condition: Float32Array | undefined = this.#usual,
    count: number,
    start: number,
    batch: number,
  ): Float32Array | undefined {
    const width = this.#usual?.length;
    if (!condition || !width) return undefined;
    if (condition.length === count * width) return condition.slice(start * width, (start + batch) * width);
    const rows = new Float32Array(batch * width);
    for (let i = 0; i < batch; i++) rows.set(condition, i * width);
    return rows;
  }

  /** Frees TensorFlow's memory. */
  dispose(): void {
    this.#networks.dispose();
  }

  #clipped(images: Float32Array): Float32Array {
    if (this.spec.output === 'sigmoid') return images;
    for (let i = 0; i < images.length; i++) images[i] = Math.min(1, Math.max(0, images[i]!));
    return images;
  }
}

/** A run's model at its last checkpoint. */
export class InferenceModel extends TrainedModel {
  readonly info: RunInfo;
  /** Step of its checkpoint. It may be later than `info.step`, which is written after the checkpoint. */
  readonly step: number;

  constructor(info: RunInfo, { weights, statistics, step }: Checkpoint) {
    super(specOfRun(info), weights, statistics, info.condition);
    this.info = info;
    this.step = step;
  }
}

/**
 * Opens a run's model.
 *
 * @param id - the run's exact id
 * @throws UnravelError `not-found` if there is no such run or it has no checkpoint yet; `bad-input` if one of its
 * files is damaged
 */
export async function openModel(workspace: Workspace, id: string): Promise<InferenceModel> {
  const { info, folder } = await openRun(workspace, id);
  return new InferenceModel(info, await readCheckpoint(folder, specOfRun(info), { moments: 'left-out' }));
}
