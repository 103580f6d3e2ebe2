import { codeInformation } from './infomec.ts';
import { knownRows } from './known-rows.ts';
import { applyScale, standardise } from './lasso.ts';
import { crossEntropy, fitLogistic, type LabelledPoints } from './logistic-regression.ts';
import { meanOfKnown, scoreInfo, type Metric } from './metric.ts';
import type { Sample } from './sample.ts';

/** Codes of few values as indicators, one for each value of each dimension; others standardised. */
function featuresOf(sample: Sample, table: Float32Array): { points: Float64Array; features: number } {
  const { latentDim } = sample;
  if (!codeInformation(sample).levels) {
    return { points: applyScale(standardise(table, latentDim), table), features: latentDim };
  }
  const places = new Map<string, number>();
  const columns = Uint32Array.from(table, (value, at) => {
    const key = `${at % latentDim} ${value}`;
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return place;
  });
  const points = new Float64Array((table.length / latentDim) * places.size);
  columns.forEach((column, at) => (points[Math.floor(at / latentDim) * places.size + column] = 1));
  return { points, features: places.size };
}

/** Weights by which every class that occurs counts as much, of mean 1 over the rows. */
function balancedWeights(labels: Uint16Array, classCount: number): Float64Array {
  const counts = new Uint32Array(classCount);
  for (const label of labels) counts[label]! += 1;
  const occurring = counts.filter((count) => count > 0).length;
  return Float64Array.from(labels, (label) => labels.length / (occurring * counts[label]!));
}

/** Numbers the classes that occur from 0. */
function occurringClasses(classes: Uint16Array): { labels: Uint16Array; classCount: number } {
  const places = new Map([...new Set(classes)].sort((a, b) => a - b).map((known, place) => [known, place]));
  return { labels: Uint16Array.from(classes, (known) => places.get(known)!), classCount: places.size };
}

/**
 * The share of a factor's information that a linear probe finds: 1 − H_V(v | z) / H_V(v | ∅), with the cross entropies of
 * multinomial logistic regressions without a penalty, whose classes are weighted equally. Without codes such a
 * regression gives every class the same probability, so H_V(v | ∅) = log C.
 *
 * @returns at least 0, which is what the probe that ignores the codes reaches; NaN for a factor with a single class
 */
function explicitnessOf(sample: Sample, factor: number): number {
  const { table, classes } = knownRows(sample, factor);
  const { labels, classCount } = occurringClasses(classes);
  if (classCount < 2) return Number.NaN;
  const { points, features } = featuresOf(sample, table);
  const data: LabelledPoints = {
    ...{ points, features, labels, classCount },
    rowWeights: balancedWeights(labels, classCount),
    penalty: 0,
  };
  return Math.max(0, 1 - crossEntropy(fitLogistic(data), data) / Math.log(classCount));
}

/**
 * InfoE, explicitness (Hsu et al. 2023, section 4): predictive V-information (Xu et al. 2020) of the code about each factor,
 * with linear probes on all dimensions, relative to what there is to know; averaged over factors. As in the authors'
 * code, probes are scored on the images they are fitted to, so the shuffled baseline is above 0.
 */
export const infoE: Metric = {
  id: 'infoE',
  scores: [scoreInfo('infoE')],
  bins: null,
  effort: { resamples: 5, shuffles: 1, cost: 400 },
  counts: ({ train }) => ({ rows: train.count }),
  async measure({ train }, { pause }) {
    const perFactor = new Float64Array(train.factors.length);
    for (const f of perFactor.keys()) {
      perFactor[f] = explicitnessOf(train, f);
      await pause();
    }
    return { infoE: { value: meanOfKnown(perFactor), perFactor } };
  },
};
