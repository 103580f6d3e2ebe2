import type { MetricMatrix } from '../../contract/metrics.ts';
import type { Random } from '../basics/random.ts';
import type { Samples } from './sample.ts';

/** One number that a metric gives, and what it is made of. */
export interface Score {
  /** From 0 to 1, more being better. */
  readonly value: number;
  /** Each factor's part, `[factors]`, NaN where a factor has none; left out where the value is no mean of them. */
  readonly perFactor?: Float64Array;
  readonly matrix?: ScoreMatrix;
}

/** The numbers behind a score: `[dimensions, factors]`. */
export interface ScoreMatrix {
  readonly title: string;
  readonly unit: MetricMatrix['unit'];
  readonly values: Float64Array;
}

/** A number that a metric gives, in words. */
export interface ScoreInfo {
  /** In JSON and for `--metrics`: `mig`, `dciCompleteness`. */
  readonly key: string;
  readonly title: string;
  /** What it means, for somebody who has never heard of it. */
  readonly sentence: string;
}

/** What a metric computes with. */
export interface MetricTools {
  readonly random: Random;
  /** To be awaited now and then in long work: lets others run, and throws when the work is to stop. */
  readonly pause: () => Promise<void>;
}

/** A way to score a code by the factors of its images. A new one is one file and one line in `registry.ts`. */
export interface Metric {
  /** For `--metrics`; also the key of its score where it gives only one. */
  readonly id: string;
  readonly scores: readonly ScoreInfo[];
  /** Bins that codes are cut into, or null. */
  readonly bins: number | null;
  /** How often it is measured again for an interval and for baselines: as often as its cost allows. */
  readonly effort: {
    readonly resamples: number;
    readonly shuffles: number;
    /** Roughly how many times as long as MIG one measurement takes: for telling how far the work is. */
    readonly cost: number;
  };
  /** Why it cannot be measured with these samples, in a sentence; undefined where it can. */
  readonly cannotRun?: (samples: Samples) => string | undefined;
  /** What it leaves out of these samples or decides about them, in sentences. */
  readonly notes?: (samples: Samples) => string[];
  /** How many of what it is measured with. */
  readonly counts: (samples: Samples) => Readonly<Record<string, number>>;
  /** @returns a score for each of `scores`, by key */
  measure(
    samples: Samples,
    tools: MetricTools,
  ): Promise<Readonly<Record<string, Score>>> | Readonly<Record<string, Score>>;
}

/** The mean of the numbers that are numbers; 0 where there are none. */
export function meanOfKnown(values: ArrayLike<number>): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sum += values[i]!;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}
