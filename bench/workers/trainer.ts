import { DEFAULT_IMAGE_SIZE, imageBytes } from '../../src/contract/image-size.ts';
import {
  isVariational,
  type ArchitectureName,
  type Objective,
  type Precision,
} from '../../src/contract/run.ts';
import { penaltyOf } from '../../src/engine/losses/objectives.ts';
import type { LayerSpec, ModelSpec } from '../../src/engine/models/architecture.ts';
import { describeModel } from '../../src/engine/models/describe-model.ts';
import { TrainingModel } from '../../src/engine/models/training-model.ts';
import { initialWeights, type Weights } from '../../src/engine/models/weights.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import { Adam } from '../../src/engine/training/adam.ts';
import { trainingStep, type StepResult } from '../../src/engine/training/step.ts';

/** The paper's settings. */
export const LATENT_DIM = 32;
export const BATCH = 128;
export const LEARNING_RATE = 1e-4;
/** Bytes of one colour image. */
export const IMAGE_BYTES = imageBytes({ imageSize: DEFAULT_IMAGE_SIZE, channels: 3 });

/** A model of colour images for an objective. */
export function specFor(objective: Objective, architecture: ArchitectureName = 'paper'): ModelSpec {
  return describeModel({
    architecture,
    latentDim: LATENT_DIM,
    imageSize: DEFAULT_IMAGE_SIZE,
    channels: 3,
    variational: isVariational(objective),
  });
}

/** The same layers with few channels in every hidden convolution: all of the calls, but hardly any arithmetic. */
export function withWidth(spec: ModelSpec, width: number): ModelSpec {
  const cut = (layer: LayerSpec): LayerSpec =>
    'filters' in layer && layer.batchNorm && layer.filters > spec.shape.channels
      ? { ...layer, filters: width }
      : layer;
  return { ...spec, encoder: spec.encoder.map(cut), decoder: spec.decoder.map(cut) };
}

/** A model and its optimiser, one step after the other. */
export class Trainer {
  readonly model: TrainingModel;
  readonly #objective: Objective;
  readonly #adam: Adam;
  readonly #datasetSize: number;
  #steps = 0;

  /** @param datasetSize - N of minibatch weighted sampling */
  constructor(
    spec: ModelSpec,
    objective: Objective,
    {
      precision = 'full',
      weights = initialWeights(spec, 1),
      datasetSize,
    }: { precision?: Precision; weights?: Weights; datasetSize: number },
  ) {
    this.model = new TrainingModel(spec, weights, precision);
    this.#objective = objective;
    this.#adam = new Adam(this.model.variables, LEARNING_RATE);
    this.#datasetSize = datasetSize;
  }

  /**
   * One step.
   *
   * @param images - `[batch, imageSize, imageSize, 3]`, bytes
   * @param noise - `[batch, latentDim]`; drawn where it is left out
   */
  step(images: Uint8Array, noise?: Float32Array): StepResult {
    const batch = images.length / IMAGE_BYTES;
    const size = batch * this.model.spec.shape.latentDim;
    this.#steps += 1;
    this.#adam.begin(this.#steps);
    const result = trainingStep(
      this.model,
      penaltyOf(this.#objective),
      {
        images,
        batch,
        noise: noise ?? createRandom(1, 'noise', this.#steps).fillNormal(new Float32Array(size)),
        datasetSize: this.#datasetSize,
        // Nothing that is timed or compared here depends on the progress of a training.
        step: this.#steps - 1,
        totalSteps: this.#steps,
      },
      this.#adam.update,
    );
    this.#adam.end();
    return result;
  }

  dispose(): void {
    this.#adam.dispose();
    this.model.dispose();
  }
}
