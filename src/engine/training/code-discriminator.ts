import { permuteDimensions, type DensityRatioEstimator } from '../losses/factor.ts';
import { Network, valuesOf } from '../models/network.ts';
import type { PlannedLayer } from '../models/architecture.ts';
import { weightSlots, type Weights } from '../models/weights.ts';
import { createRandom } from '../basics/random.ts';
import { download, free, upload } from '../tensorflow/tensors.ts';
import { Adam } from './adam.ts';
import type { Companion, Lesson } from './companion.ts';

/** Kim & Mnih 2018, appendix A. */
const RATES = { learningRate: 1e-4, beta1: 0.5, beta2: 0.9 };

/**
 * FactorVAE's discriminator. It learns to distinguish a batch's codes, samples of q(z), from the same codes with
 * their dimensions permuted within the batch, samples of Πₗ q(zₗ).
 */
export class CodeDiscriminator implements DensityRatioEstimator, Companion {
  readonly #network: Network;
  readonly #adam: Adam;
  readonly #plan: readonly PlannedLayer[];
  readonly #latentDim: number;

  /**
   * @param plan - layers from `planCodeDiscriminator`
   * @param saved - its weights, and its moments if it was trained before, from {@link state}
   */
  constructor(plan: readonly PlannedLayer[], saved: Weights) {
    this.#plan = plan;
    this.#latentDim = plan[0]!.input[2];
    this.#network = new Network(plan, saved);
    this.#adam = new Adam(this.#network.variables, RATES, saved);
  }

  estimate(z: Float32Array, batch: number): { logRatio: Float32Array; gradient: Float32Array } {
    const codes = upload([batch, this.#latentDim], z);
    const logRatio = download(this.#network.forward(codes, batch));
    const ones = upload([batch, 1], new Float32Array(batch).fill(1));
    const dCodes = this.#network.backward(ones, undefined, true)!;
    const gradient = download(dCodes);
    free(codes, dCodes);
    return { logRatio, gradient };
  }

  /** One step of Adam on ½ E_q(z)[−log D(z)] + ½ E_Πq(zₗ)[−log(1 − D(z))] (Kim & Mnih 2018, algorithm 1). */
  learn({ codes, seed, step }: Lesson): void {
    const latentDim = this.#latentDim;
    const half = codes.length / latentDim;
    const both = new Float32Array(2 * codes.length);
    both.set(codes);
    both.set(permuteDimensions(codes, latentDim, createRandom(seed, 'permutation', step)), codes.length);
    const x = upload([2 * half, latentDim], both);
    const logits = download(this.#network.forward(x, 2 * half));
    // −log σ(s) has the derivative σ(s) − 1, −log(1 − σ(s)) has σ(s); each half is averaged, and so are both
    // together.
    const gradient = logits.map((s, i) => (1 / (1 + Math.exp(-s)) - (i < half ? 1 : 0)) / (2 * half));
    this.#adam.begin(step + 1);
    this.#network.backward(upload([2 * half, 1], gradient), this.#adam.update, false);
    this.#adam.end();
    free(x);
  }

  state(): Weights {
    const weights = valuesOf(this.#plan.flatMap(weightSlots), this.#network.variables);
    return new Map([...weights, ...this.#adam.moments()]);
  }

  dispose(): void {
    this.#adam.dispose();
    this.#network.dispose();
  }
}
