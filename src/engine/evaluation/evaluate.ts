import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { Evaluation, MetricResult } from '../../contract/metrics.ts';
import { createProgress } from '../basics/progress.ts';
import { createRandom } from '../basics/random.ts';
import { prepareTable, type CodeTable } from '../metrics/code-table.ts';
import { namesOf } from '../metrics/dimension-names.ts';
import type { Metric, Score } from '../metrics/metric.ts';
import { createPause } from './pause.ts';
import { chooseMetrics, type ChosenMetric } from '../metrics/registry.ts';
import { resample, shuffle } from './resample.ts';
import { resultOf, resultWithoutValue } from './result.ts';
import type { Samples } from '../metrics/sample.ts';

/** Maximum total number of rows of all resamples of a metric, and the minimum number of resamples. */
const ROWS_RESAMPLED = 20_000_000;
const FEWEST_RESAMPLES = 20;

/** Codes of an untrained encoder. */
export interface UntrainedCodes {
  /** `[count, any]`, or `[rows, any]`. */
  readonly codes: Float32Array;
  /** The images of the table that were encoded; all if left out. */
  readonly rows?: Uint32Array;
}

/** Options of an evaluation. */
export interface EvaluateOptions {
  readonly table: CodeTable;
  /** Codes of the same images by an untrained encoder, for the second baseline. */
  readonly untrained?: UntrainedCodes;
  /** Names of metrics or scores; all if left out. */
  readonly metrics?: readonly string[];
  /** Whether each dimension is active; inactive ones are not named. All are if left out, as for a table of codes. */
  readonly active?: readonly boolean[];
  readonly seed: number;
  /** True to leave out intervals and baselines, which is many times faster. */
  readonly onlyValues?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** The scores of a metric, by key. */
type Scores = Readonly<Record<string, Score>>;

/** A metric with its results so far. */
interface Task extends ChosenMetric {
  readonly resamples: number;
  readonly shuffles: number;
  value?: Scores;
  readonly resampled: Scores[];
  readonly shuffled: Scores[];
  randomEncoder?: Scores;
}

function resamplesOf({ effort }: Metric, rows: number): number {
  return Math.min(effort.resamples, Math.max(FEWEST_RESAMPLES, Math.floor(ROWS_RESAMPLED / rows)));
}

/** Samples of the untrained encoder's codes, with the same split if it encoded all images. */
function untrainedSamples(table: CodeTable, { codes, rows }: UntrainedCodes, seed: number): Samples {
  const count = rows?.length ?? table.count;
  const latentDim = codes.length / count;
  if (!Number.isInteger(latentDim)) {
    throw new UnravelError(
      'bad-input',
      `The untrained encoder gave ${codes.length} numbers for ${count} images.`,
    );
  }
  if (!rows) return prepareTable({ ...table, codes, latentDim }, seed).samples;
  const columns = table.columns.map(({ column, values }) => ({
    column,
    values: Float32Array.from(rows, (row) => values[row]!),
  }));
  return prepareTable({ codes, count, latentDim, columns }, seed).samples;
}

/**
 * Measures tasks, each with its own random numbers, so that a metric's result does not depend on the other metrics.
 */
class Measurements {
  readonly #seed: number;
  readonly #pause: () => Promise<void>;
  readonly #step: (cost: number) => void;

  constructor(seed: number, pause: () => Promise<void>, step: (cost: number) => void) {
    this.#seed = seed;
    this.#pause = pause;
    this.#step = step;
  }

  async measure({ metric }: Task, samples: Samples, what: string, time = 0): Promise<Scores> {
    await this.#pause();
    const random = createRandom(this.#seed, 'metrics', metric.id, what, time);
    const scores = await metric.measure(samples, { random, pause: this.#pause });
    this.#step(metric.effort.cost);
    return scores;
  }

  /**
   * Measures all results of the tasks. The tasks share resamples and shuffles, so that bins and mutual information
   * are computed once for each.
   */
  async measureAll(tasks: readonly Task[], samples: Samples, untrained: Samples | undefined): Promise<void> {
    for (const task of tasks) task.value = await this.measure(task, samples, 'value');
    for (let time = 0; ; time++) {
      const left = tasks.filter(({ resamples }) => time < resamples);
      if (!left.length) break;
      const drawn = resample(samples, (part) => createRandom(this.#seed, 'metrics', 'resample', time, part));
      for (const task of left) task.resampled.push(await this.measure(task, drawn, 'resample', time));
    }
    for (let time = 0; ; time++) {
      const left = tasks.filter(({ shuffles }) => time < shuffles);
      if (!left.length) break;
      const shuffledSamples = shuffle(samples, createRandom(this.#seed, 'metrics', 'shuffle', time));
      for (const task of left) task.shuffled.push(await this.measure(task, shuffledSamples, 'shuffle', time));
    }
    if (!untrained) return;
    for (const task of tasks) task.randomEncoder = await this.measure(task, untrained, 'untrained');
  }
}

/**
 * Scores codes by the labels and factors of their images: every metric with a 95 % interval, two baselines, and its
 * matrix. The same table and seed give the same numbers, whichever metrics are requested.
 *
 * @throws UnravelError `bad-input` for a table that cannot be scored or an unknown metric; the signal's reason when
 * it is aborted
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { table, seed, onlyValues = false, signal, onProgress } = options;
  signal?.throwIfAborted();
  const chosen = chooseMetrics(options.metrics);
  const { samples, factors, leftOut } = prepareTable(table, seed);
  const untrained =
    options.untrained && !onlyValues ? untrainedSamples(table, options.untrained, seed) : undefined;
  const tasks = chosen
    .filter(({ metric }) => metric.cannotRun?.(samples) === undefined)
    .map((one): Task => {
      const [resamples, shuffles] = onlyValues
        ? [0, 0]
        : [resamplesOf(one.metric, samples.all.count), one.metric.effort.shuffles];
      return { ...one, resamples, shuffles, resampled: [], shuffled: [] };
    });
  const total = tasks.reduce((sum, { metric, resamples, shuffles }) => {
    return sum + metric.effort.cost * (1 + resamples + shuffles + (untrained ? 1 : 0));
  }, 0);
  const progress = createProgress(total);
  let done = 0;
  const measurements = new Measurements(seed, createPause(signal), (cost) => {
    done += cost;
    onProgress?.(progress(done));
  });
  await measurements.measureAll(tasks, samples, untrained);

  const metrics: Record<string, MetricResult> = {};
  for (const { metric, scores } of chosen) {
    const task = tasks.find((one) => one.metric === metric);
    for (const info of scores) {
      const of = (all: Scores): Score => all[info.key]!;
      metrics[info.key] = task?.value
        ? resultOf(metric, info, samples, {
            own: of(task.value),
            resampled: task.resampled.map(of),
            shuffled: task.shuffled.map(of),
            randomEncoder: task.randomEncoder && of(task.randomEncoder),
          })
        : resultWithoutValue(metric, info, samples);
    }
  }
  return {
    version: 1,
    seed,
    images: samples.all.count,
    latentDim: table.latentDim,
    factors: factors.map(({ name, isFactor, size, known }) => ({
      name,
      factor: isFactor,
      classes: size,
      known,
    })),
    notes: [...leftOut],
    metrics,
    dimensionNames: namesOf(samples.all, options.active),
  };
}
