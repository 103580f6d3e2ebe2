import { METRIC_TEXTS, type MetricKey } from '../../contract/glossary/metrics.ts';
import type { MetricMatrix } from '../../contract/metrics.ts';
import type { Random } from '../basics/random.ts';
import type { Samples } from './sample.ts';

/** A score of a metric, with its parts. */
export interface Score {
  /** From 0 to 1; higher is better. */
  readonly value: number;
  /**
   * The value for each factor, `[factors]`, NaN for a factor without one; left out if the score is not their mean.
   */
  readonly perFactor?: Float64Array;
  readonly matrix?: ScoreMatrix;
}

/** The matrix from which a score was computed: `[dimensions, factors]`. */
export interface ScoreMatrix {
  readonly title: string;
  readonly unit: MetricMatrix['unit'];
  readonly values: Float64Array;
}

/** The description of a score. */
export interface ScoreInfo {
  /** Its key in JSON and on the command line: `mig`, `dciCompleteness`. */
  readonly key: string;
  readonly title: string;
  /** A sentence that explains it to a newcomer. */
  readonly sentence: string;
}

/** The description of a score, which the glossary has. */
export function scoreInfo(key: MetricKey): ScoreInfo {
  const { title, sentence } = METRIC_TEXTS[key];
  return { key, title, sentence };
}

/** Tools for computing a metric. */
export interface MetricTools {
  readonly random: Random;
  /** Must be awaited regularly in long work: lets other work run, and throws if the work is cancelled. */
  readonly pause: () => Promise<void>;
}

/** A metric of a code by the factors of its images. A new one needs a file and an entry in `registry.ts`. */
export interface Metric {
  /** Its name on the command line; also the key of its score if it has only one. */
  readonly id: string;
  readonly scores: readonly ScoreInfo[];
  /** Number of bins for the codes, or null. */
  readonly bins: number | null;
  /** Number of repetitions for the interval and the baselines, depending on its cost. */
  readonly effort: {
    readonly resamples: number;
    readonly shuffles: number;
    /** Approximate time of one measurement relative to MIG, for the progress. */
    readonly cost: number;
  };
  /** A sentence that says why it cannot be measured with these samples; undefined if it can. */
  readonly cannotRun?: (samples: Samples) => string | undefined;
  /** Sentences about what it leaves out or decides. */
  readonly notes?: (samples: Samples) => string[];
  /** Sample sizes. */
  readonly counts: (samples: Samples) => Readonly<Record<string, number>>;
  /** @returns a score for each of `scores`, by key */
  measure(
    samples: Samples,
    tools: MetricTools,
  ): Promise<Readonly<Record<string, Score>>> | Readonly<Record<string, Score>>;
}

/** The mean of the numbers that are not NaN; 0 if there are none. */
export function meanOfKnown(values: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i]!;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
