import { cutColumn, HISTOGRAM_BINS } from './histogram.ts';
import { selectFactor, type Factor } from './factor.ts';
import {
  classEntropy,
  countPairs,
  informationBeyondChance,
  mutualInformation,
  type DimensionFactorMatrix,
} from './mutual-information.ts';

/** Mutual information, in nats. */
export interface Information extends DimensionFactorMatrix {
  /** The part of each number of `values` beyond chance. */
  readonly beyondChance: Float64Array;
  /** H of each factor, `[factors]`. */
  readonly entropies: Float64Array;
}

/**
 * Codes and the factors of their images. It is immutable. Bins and mutual information, which several metrics use,
 * are computed on first use.
 */
export class Sample {
  /** `[count, latentDim]`. */
  readonly codes: Float32Array;
  readonly count: number;
  readonly latentDim: number;
  readonly factors: readonly Factor[];
  /** The weight of each row; 1 if undefined. */
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

  /** Every dimension discretised into 20 bins of equal width: `[latentDim]` arrays of `[count]`. */
  get bins(): readonly Uint8Array[] {
    this.#bins ??= Array.from({ length: this.latentDim }, (_, l) => cutColumn(this.codes, this.latentDim, l));
    return this.#bins;
  }

  /** Mutual information of every binned dimension with every factor. */
  get information(): Information {
    this.#information ??= this.#measureInformation();
    return this.#information;
  }

  /** Selects rows, in the given order; a row may occur more than once. */
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

  /** The same rows with other weights; the bins do not change. */
  reweighted(weights: Uint8Array): Sample {
    return new Sample(this.codes, this.latentDim, this.factors, { weights, bins: this.bins });
  }

  /** The same codes with the factors of other rows, as a baseline. */
  shuffled(order: Uint32Array): Sample {
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

/** The rows for the metrics of one evaluation. */
export interface Samples {
  /** Mutual information and correlations are measured with these. */
  readonly all: Sample;
  /** Classifiers and regressions are trained on these. */
  readonly train: Sample;
  /** Classifiers and regressions are tested on these. */
  readonly test: Sample;
  /** Images that share a factor are drawn from these. */
  readonly pool: Sample;
}
