import { cutColumn, HISTOGRAM_BINS } from './histogram.ts';
import { selectFactor, type Factor } from './factor.ts';
import {
  classEntropy,
  countPairs,
  informationBeyondChance,
  mutualInformation,
  type DimensionFactorMatrix,
} from './mutual-information.ts';

/** What mutual information says, in nats. */
export interface Information extends DimensionFactorMatrix {
  /** The part of each number of `values` that is not chance. */
  readonly beyondChance: Float64Array;
  /** H of each factor, `[factors]`. */
  readonly entropies: Float64Array;
}

/**
 * Codes and what is known of their images. Never changed once made; what many metrics need is computed once, when
 * the first of them asks.
 */
export class Sample {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  readonly factors: readonly Factor[];
  /** How often each row counts; once where it is undefined. */
  readonly weights: Uint8Array | undefined;
  #bins: readonly Uint8Array[] | undefined;
  #information: Information | undefined;

  constructor(
    codes: Float32Array,
    latentDim: number,
    factors: readonly Factor[],
    { weights, bins }: { weights?: Uint8Array; bins?: readonly Uint8Array[] } = {},
  ) {
    this.codes = codes;
    this.count = codes.length / latentDim;
    this.latentDim = latentDim;
    this.factors = factors;
    this.weights = weights;
    this.#bins = bins;
  }

  /** Every dimension cut into 20 bins of equal width: `[latentDim]` arrays of `[count]`. */
  get bins(): readonly Uint8Array[] {
    this.#bins ??= Array.from({ length: this.latentDim }, (_, l) => cutColumn(this.codes, this.latentDim, l));
    return this.#bins;
  }

  /** Mutual information of every binned dimension with every factor. */
  get information(): Information {
    this.#information ??= this.#measureInformation();
    return this.#information;
  }

  /** Some of the rows, in the order given; a row may be given twice. */
  select(rows: Uint32Array): Sample {
    const { latentDim, codes } = this;
    const chosen = new Float32Array(rows.length * latentDim);
    for (let i = 0; i < rows.length; i++) {
      const from = rows[i]! * latentDim;
      for (let l = 0; l < latentDim; l++) chosen[i * latentDim + l] = codes[from + l]!;
    }
    const factors = this.factors.map((factor) => selectFactor(factor, rows));
    return new Sample(chosen, latentDim, factors);
  }

  /** The same rows, each counted so often; the bins stay where they are. */
  reweighted(weights: Uint8Array): Sample {
    return new Sample(this.codes, this.latentDim, this.factors, { weights, bins: this.bins });
  }

  /** The same codes, with the factors of other rows: what is left is chance. */
  dealt(order: Uint32Array): Sample {
    const factors = this.factors.map((factor) => selectFactor(factor, order));
    return new Sample(this.codes, this.latentDim, factors, { bins: this.bins });
  }

  #measureInformation(): Information {
    const { latentDim, factors, weights } = this;
    const values = new Float64Array(latentDim * factors.length);
    const beyondChance = new Float64Array(values.length);
    this.bins.forEach((bins, l) => {
      factors.forEach(({ classes, size }, f) => {
        const pairs = countPairs(bins, HISTOGRAM_BINS, classes, size, weights);
        values[l * factors.length + f] = mutualInformation(pairs);
        beyondChance[l * factors.length + f] = informationBeyondChance(pairs);
      });
    });
    const entropies = Float64Array.from(factors, ({ classes, size }) => classEntropy(classes, size, weights));
    return { dimensions: latentDim, factors: factors.length, values, beyondChance, entropies };
  }
}

/** The rows that the metrics of one evaluation are made with. */
export interface Samples {
  /** Mutual information and correlations are measured with these. */
  readonly all: Sample;
  /** Classifiers and regressions learn from these … */
  readonly train: Sample;
  /** … and are scored on these. */
  readonly test: Sample;
  /** Images that share a factor are drawn from these. */
  readonly pool: Sample;
}
