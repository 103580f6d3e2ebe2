import { MOST_VALUES, ROWS_PER_VALUE } from './factor.ts';
import {
  classEntropy,
  countPairs,
  mutualInformation,
  type DimensionFactorMatrix,
} from './mutual-information.ts';
import { digammas, neighbourInformation, sortDimension } from './neighbour-information.ts';
import type { ScoreMatrix } from './metric.ts';
import type { Sample } from './sample.ts';

/** A continuous dimension whose range is at most this share of the largest is inactive: the authors' rule. */
const INACTIVE_RANGE = 1 / 20;

/** What InfoM, InfoE and InfoC (Hsu et al. 2023, section 4) measure a code with. */
export interface CodeInformation {
  /** I(zₗ; v) / H(v), `[dimensions, factors]`, of all dimensions. */
  readonly normalised: DimensionFactorMatrix;
  /** Whether each dimension is active: whether its range is more than a twentieth of the largest. */
  readonly active: readonly boolean[];
  /**
   * The values of each dimension as classes, if all dimensions have few values, as quantised ones have; undefined
   * for continuous codes.
   */
  readonly levels: readonly Levels[] | undefined;
}

/** A dimension of few values. */
export interface Levels {
  /** `[count]`, each below `size`. */
  readonly classes: Uint16Array;
  readonly size: number;
}

/** A dimension's values as classes in ascending order, if there are few; undefined otherwise. */
function levelsOf({ codes, count, latentDim }: Sample, dimension: number): Levels | undefined {
  const seen = new Set<number>();
  for (let at = dimension; at < codes.length; at += latentDim) {
    seen.add(codes[at]!);
    if (seen.size > MOST_VALUES || seen.size * ROWS_PER_VALUE > count) return undefined;
  }
  const place = new Map([...seen].sort((a, b) => a - b).map((value, i) => [value, i]));
  const classes = Uint16Array.from({ length: count }, (_, row) =>
    place.get(codes[row * latentDim + dimension]!)!,
  );
  return { classes, size: place.size };
}

function rangeOf({ codes, latentDim }: Sample, dimension: number): number {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = dimension; at < codes.length; at += latentDim) {
    smallest = Math.min(smallest, codes[at]!);
    largest = Math.max(largest, codes[at]!);
  }
  return largest - smallest;
}

function measureInformation(sample: Sample): CodeInformation {
  const { latentDim, factors, codes, count } = sample;
  const each = Array.from({ length: latentDim }, (_, l) => levelsOf(sample, l));
  const levels = each.every((one) => one !== undefined) ? each : undefined;
  const ranges = Array.from({ length: latentDim }, (_, l) => rangeOf(sample, l));
  const least = levels ? 0 : Math.max(...ranges) * INACTIVE_RANGE;
  const entropies = factors.map(({ classes, size }) => classEntropy(classes, size));
  const values = new Float64Array(latentDim * factors.length);
  const psi = digammas(count);
  for (let l = 0; l < latentDim; l++) {
    const quantised = levels?.[l];
    const sorted = quantised ? undefined : sortDimension(codes, latentDim, l);
    factors.forEach((factor, f) => {
      if (entropies[f] === 0) return;
      const nats = quantised
        ? mutualInformation(
            countPairs(Uint8Array.from(quantised.classes), quantised.size, factor.classes, factor.size),
          )
        : sorted
          ? neighbourInformation(sorted, factor, psi)
          : 0;
      values[l * factors.length + f] = nats / entropies[f]!;
    });
  }
  return {
    normalised: { dimensions: latentDim, factors: factors.length, values },
    active: ranges.map((range) => range > least),
    levels,
  };
}

const measured = new WeakMap<Sample, CodeInformation>();

/**
 * The normalised mutual information of dimensions and factors, which InfoM and InfoC share: computed once for a
 * sample. Continuous dimensions are estimated by nearest neighbours, dimensions of few values by counting.
 */
export function codeInformation(sample: Sample): CodeInformation {
  const known = measured.get(sample);
  if (known) return known;
  const information = measureInformation(sample);
  measured.set(sample, information);
  return information;
}

/** The matrix that InfoM and InfoC show. */
export function informationMatrix({ normalised }: CodeInformation): ScoreMatrix {
  return { title: 'Normalised mutual information', unit: 'share', values: normalised.values };
}

/**
 * How much of a sum one number has, from 0 for equal parts to 1 for one part only: (max / Σ − 1/n) / (1 − 1/n). It is 1
 * for a single number; 0 for zeros, of which no share is known.
 */
export function concentrationOfLargest(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  if (values.length === 1) return 1;
  const even = 1 / values.length;
  return (Math.max(...values) / sum - even) / (1 - even);
}

/** Sentences about dimensions that InfoM and InfoC leave out, and how the others are measured. */
export function informationNotes(sample: Sample): string[] {
  const { active, levels } = codeInformation(sample);
  const inactive = active.filter((one) => !one).length;
  const pruned =
    inactive === 0
      ? []
      : [
          levels
            ? `InfoM and InfoC leave out ${inactive} of ${active.length} dimensions, which are constant.`
            : `InfoM and InfoC leave out ${inactive} of ${active.length} dimensions, whose range is at most a twentieth of the largest.`,
        ];
  return levels
    ? [...pruned, 'Every dimension has few values, so InfoM, InfoE and InfoC count them.']
    : pruned;
}
