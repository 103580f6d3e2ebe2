import type { ErrorPayload } from '../../contract/errors.ts';
import { ACTIVE_NATS } from '../../contract/activity.ts';
import { isVariational, type LossTerms, type RunInfo, type TrainingEvent } from '../../contract/run.ts';
import { rateFactor, type Stage } from '../../contract/optimiser.ts';
import type { Dataset } from '../data/dataset.ts';
import { readConditions, type ConditionsOf } from '../inference/conditions.ts';
import { TrainedModel } from '../inference/model.ts';
import { specOfRun } from '../runs/spec.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import { writeCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { BatchPlan, readBatches, type Batch } from './batches.ts';
import { collapseWarning, measuredIn, measureEpoch } from './epoch-end.ts';
import { measureMeanImage } from './held-out.ts';
import { assertFinite } from './finite.ts';
import { Learner } from './learner.ts';
import { MetricsLog } from './metrics-log.ts';
import { Pace } from './pace.ts';
import { writeSheets } from './sheets.ts';
import { splitDataset, type Split } from '../data/split.ts';
import type { StatisticsBatch } from './statistics.ts';
import type { StepResult } from './step.ts';

/** Number of batches over which the statistics of batch norms are measured. */
const STATISTICS_BATCHES = 10;
/** Maximum number of steps whose metrics are not yet on the disk. A killed run computes them again. */
const FLUSH_STEPS = 50;

/** Options of a training session. */
export interface SessionOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly run: RunInfo;
  readonly dataset: Dataset;
  /** The checkpoint to continue from; for a new run, it has initial weights. */
  readonly start: Checkpoint;
  readonly emit: (event: TrainingEvent) => void;
  /** Writes the run's `run.json`. */
  readonly save: (info: RunInfo) => Promise<void>;
}

/** The part of a training that one process runs: from a checkpoint until the training is done or stopped. */
export class TrainingSession {
  readonly totalSteps: number;
  /** Number of damaged lines that were removed from the run's earlier metrics. */
  readonly passedOver: number;
  readonly #folder: string;
  readonly #dataset: Dataset;
  readonly #emit: SessionOptions['emit'];
  readonly #save: SessionOptions['save'];
  readonly #split: Split;
  readonly #plan: BatchPlan;
  readonly #learner: Learner;
  readonly #conditions: ConditionsOf;
  readonly #log: MetricsLog;
  readonly #pace: Pace;
  /** Losses of the steps of the current epoch, including those before an interruption. */
  #losses: LossTerms[];
  /** Number of steps by which schedules of the objective go: those of the first stage. */
  readonly #scheduledSteps: number;
  /** The steps of the current stage, by which the learning rate goes. */
  readonly #stage: Stage;
  #run: RunInfo;
  #step: number;
  #epochStarted = performance.now();
  /** The mean image's held-out error. Measured at the first epoch's end; the same after every resume. */
  #meanImage: number | undefined;

  private constructor(
    { folder, run, dataset, start, emit, save }: SessionOptions,
    { log, kept, passedOver }: Awaited<ReturnType<typeof MetricsLog.openAfter>>,
    conditions: ConditionsOf,
    split: Split,
  ) {
    const { config } = run;
    this.#folder = folder;
    this.#dataset = dataset;
    this.#emit = emit;
    this.#save = save;
    this.#log = log;
    this.passedOver = passedOver;
    this.#conditions = conditions;
    this.#split = split;
    this.#plan = new BatchPlan(this.#split.train, config.batchSize, config.seed);
    const { earlierStages: earlier = [] } = run;
    this.totalSteps = this.#plan.stepsPerEpoch * config.epochs;
    this.#scheduledSteps = this.#plan.stepsPerEpoch * (earlier[0]?.epochs ?? config.epochs);
    this.#stage = { from: earlier.at(-1)?.step ?? 0, to: this.totalSteps };
    this.#learner = new Learner(specOfRun(run), { ...config, sharpening: run.sharpening }, start);
    this.#step = start.step;
    this.#pace = new Pace(this.#plan.batchSize);
    const epoch = Math.floor(start.step / this.#plan.stepsPerEpoch);
    this.#losses = kept
      .filter((event) => event.event === 'step' && event.step > epoch * this.#plan.stepsPerEpoch)
      .map(({ loss }) => loss);
    // A process that was killed may have written an epoch to its log but not yet to run.json.
    const lastEpoch = kept.findLast((event) => event.event === 'epoch');
    this.#run = { ...run, step: start.step, epoch, ...(lastEpoch ? measuredIn(lastEpoch) : {}) };
  }

  /** Prepares the session; memory is allocated until {@link close}. */
  static async open(options: SessionOptions): Promise<TrainingSession> {
    const { folder, run, dataset, start } = options;
    const metrics = await MetricsLog.openAfter(folder, start.step);
    try {
      const split = await splitDataset(dataset, run.config.heldOutFraction);
      return new TrainingSession(options, metrics, await readConditions(run.condition, dataset), split);
    } catch (error) {
      await metrics.log.close();
      throw error;
    }
  }

  /** Number of images per step. It is lower than in the config if the data set is small. */
  get batchSize(): number {
    return this.#plan.batchSize;
  }

  /** Trains, and yields after every step, after the work at an epoch's end and the checkpoint. */
  async *steps(): AsyncGenerator<number> {
    const { checkpointEverySteps } = this.#run.config;
    for await (const batch of readBatches(this.#dataset, this.#plan, this.#step, this.totalSteps)) {
      this.#trainOn(batch);
      if (this.#step % this.#plan.stepsPerEpoch === 0) {
        await this.#endEpoch();
      } else if (checkpointEverySteps > 0 && this.#step % checkpointEverySteps === 0) {
        await this.#checkpoint(await this.#measureStatistics());
      }
      if (this.#log.pending >= FLUSH_STEPS) await this.#log.flush();
      yield this.#step;
    }
  }

  /** Writes a checkpoint and marks the run interrupted. */
  async interrupt(): Promise<RunInfo> {
    await this.#checkpoint(await this.#measureStatistics());
    return this.#end('interrupted');
  }

  /** Marks the run done. */
  async finish(): Promise<RunInfo> {
    return this.#end('done');
  }

  /** Marks the run failed; its last checkpoint is kept. */
  async fail(failure: ErrorPayload): Promise<RunInfo> {
    return this.#end('failed', failure);
  }

  /** Marks the run interrupted at its last checkpoint, because no checkpoint can be written. */
  async giveUp(): Promise<RunInfo> {
    return this.#end('interrupted');
  }

  async close(): Promise<void> {
    try {
      await this.#log.close();
    } finally {
      this.#learner.dispose();
    }
  }

  async #end(state: RunInfo['state'], failure?: ErrorPayload): Promise<RunInfo> {
    const { pid: _done, ...rest } = this.#run;
    this.#run = { ...rest, state, ...(failure === undefined ? {} : { failure }) };
    await this.#save(this.#run);
    return this.#run;
  }

  #trainOn({ images, indices, step }: Batch): void {
    const result = this.#learner.step({
      images,
      condition: this.#conditions(indices),
      batch: this.#plan.batchSize,
      datasetSize: this.#split.train.length,
      step,
      totalSteps: this.#scheduledSteps,
      rateFactor: rateFactor(this.#run.config.optimiser ?? {}, this.#stage, step),
    });
    this.#step = step + 1;
    this.#assertFinite(result.loss);
    this.#report(result);
  }

  #assertFinite(loss: LossTerms): void {
    assertFinite(loss, { step: this.#step, keptStep: this.#run.step });
  }

  #report({ loss, klPerDimension, decoderVariance }: StepResult): void {
    this.#losses.push(loss);
    this.#pace.tick();
    const event = {
      event: 'step',
      step: this.#step,
      epoch: Math.floor((this.#step - 1) / this.#plan.stepsPerEpoch) + 1,
      loss,
      klPerDimension: [...klPerDimension],
      activeDimensions: isVariational(this.#run.config.objective)
        ? klPerDimension.filter((nats) => nats > ACTIVE_NATS).length
        : undefined,
      ...(decoderVariance === undefined ? {} : { decoderVariance }),
      imagesPerSecond: this.#pace.imagesPerSecond,
      secondsLeft: this.#pace.secondsFor(this.totalSteps - this.#step),
    } as const;
    this.#log.add(event);
    this.#emit(event);
  }

  /**
   * Measures, draws sheets and saves. The checkpoint is written last, so that all files of the epoch exist with it.
   */
  async #endEpoch(): Promise<void> {
    const statistics = await this.#measureStatistics();
    const weights = this.#finiteWeights();
    const model = new TrainedModel(specOfRun(this.#run), weights, statistics, this.#run.condition);
    try {
      const parts = { folder: this.#folder, dataset: this.#dataset, split: this.#split };
      this.#meanImage ??= await measureMeanImage(this.#dataset, this.#split);
      const event = await measureEpoch(model, {
        ...parts,
        meanImage: this.#meanImage,
        epoch: this.#step / this.#plan.stepsPerEpoch,
        step: this.#step,
        keptStep: this.#run.step,
        losses: this.#losses,
        startedMs: this.#epochStarted,
      });
      const sheets = await writeSheets(model, { ...parts, epoch: event.epoch });
      this.#log.add(event);
      await this.#checkpoint(statistics, weights, { epoch: event.epoch, ...measuredIn(event) });
      this.#emit(event);
      this.#emit({ event: 'sheet', kind: 'reconstructions', path: sheets.reconstructions });
      this.#emit({ event: 'sheet', kind: 'samples', path: sheets.samples });
      const message = collapseWarning(event.heldOut, this.#run.config);
      if (message !== undefined) this.#emit({ event: 'warning', message });
    } finally {
      model.dispose();
    }
    this.#losses = [];
    this.#epochStarted = performance.now();
    this.#pace.restart();
  }

  /** @param reached - entries of the run to update after the checkpoint has been written */
  async #checkpoint(
    statistics: Statistics,
    weights: Weights = this.#finiteWeights(),
    reached: Partial<RunInfo> = {},
  ): Promise<void> {
    await this.#log.flush();
    // A training could not continue from a checkpoint with moments that are not finite.
    const moments = this.#finite(this.#learner.moments());
    const companions = this.#finite(this.#learner.companions());
    const { epoch } = { ...this.#run, ...reached };
    const trained = this.#trained();
    const checkpoint = { weights, trained, statistics, moments, companions, step: this.#step, epoch };
    await writeCheckpoint(this.#folder, checkpoint);
    const { decoderVariance } = this.#learner;
    this.#run = {
      ...this.#run,
      ...reached,
      step: this.#step,
      ...(decoderVariance === undefined ? {} : { decoderVariance }),
    };
    await this.#save(this.#run);
    this.#emit({ event: 'checkpoint', step: this.#step, epoch });
  }

  /** The weights that the model is evaluated with. */
  #finiteWeights(): Weights {
    return this.#finite(this.#learner.evaluating((model) => model.weights()));
  }

  #trained(): Weights | undefined {
    const weights = this.#learner.trained();
    return weights && this.#finite(weights);
  }

  /** Checks that weights are finite, so that diverged weights never replace a good checkpoint. */
  #finite(weights: Weights): Weights {
    for (const { data } of weights.values()) {
      if (!data.every(Number.isFinite))
        this.#assertFinite({ total: Number.NaN, terms: { weights: Number.NaN } });
    }
    return weights;
  }

  async #measureStatistics(): Promise<Statistics> {
    const { batchSize } = this.#plan;
    const batches: StatisticsBatch[] = [];
    const count = Math.min(STATISTICS_BATCHES, this.#plan.stepsPerEpoch);
    for (let i = 0; i < count; i++) {
      const indices = this.#split.train.subarray(i * batchSize, (i + 1) * batchSize);
      batches.push({
        images: await this.#dataset.readImages(indices),
        condition: this.#conditions(indices),
      });
    }
    return this.#learner.measureStatistics(batches, batchSize);
  }
}
