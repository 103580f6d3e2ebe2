import { UnravelError, type ErrorPayload } from '../../contract/errors.ts';
import type { Decomposition, LossTerms, RunInfo, TrainingEvent } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { encodeInChunks } from '../inference/all.ts';
import { readConditions, type ConditionsOf } from '../inference/conditions.ts';
import { TrainedModel } from '../inference/model.ts';
import { specOfRun } from '../runs/spec.ts';
import { measureDecomposition } from '../losses/aggregate.ts';
import { discriminatorOf, isVariational } from '../losses/objectives.ts';
import type { Statistics, Weights } from '../models/weights.ts';
import { writeCheckpoint, type Checkpoint } from '../runs/checkpoint.ts';
import { BatchPlan, readBatches, type Batch } from './batches.ts';
import { ACTIVE_NATS, evaluateHeldOut } from './evaluate.ts';
import { Learner } from './learner.ts';
import { MetricsLog, type MetricsEvent } from './metrics-log.ts';
import { Pace } from './pace.ts';
import { writeSheets } from './sheets.ts';
import { drawSnapshotImages, snapshotIndices, writeSnapshot } from './snapshot.ts';
import { splitImages, type Split } from '../data/split.ts';
import { measureStatistics } from './statistics.ts';
import type { StepResult } from './step.ts';

/** A batch-norm layer's statistics are taken over so many batches. */
const STATISTICS_BATCHES = 10;
/** Metrics reach the disk at least every so many steps; a killed run computes them again anyway. */
const FLUSH_STEPS = 50;
/** Codes that the decomposition is measured at. */
const DECOMPOSITION_SAMPLES = 256;
/** With fewer active dimensions there is hardly a latent space to look at. */
const COLLAPSED_BELOW = 3;

type Listener = (event: TrainingEvent) => void;

/** One process's share of a training: from a checkpoint on, step by step, until it is done or told to stop. */
export class TrainingSession {
  readonly totalSteps: number;
  /** Lines of the run's earlier metrics that were damaged and are left out. */
  readonly passedOver: number;
  readonly #folder: string;
  readonly #dataset: Dataset;
  readonly #emit: Listener;
  readonly #save: (info: RunInfo) => Promise<void>;
  readonly #split: Split;
  readonly #plan: BatchPlan;
  readonly #learner: Learner;
  readonly #conditions: ConditionsOf;
  readonly #log: MetricsLog;
  readonly #pace: Pace;
  /** Losses of the steps of the epoch under way, those before an interruption included. */
  #losses: LossTerms[];
  #run: RunInfo;
  #step: number;
  #epochStarted = performance.now();

  private constructor(
    folder: string,
    run: RunInfo,
    dataset: Dataset,
    start: Checkpoint,
    { log, kept, passedOver }: { log: MetricsLog; kept: MetricsEvent[]; passedOver: number },
    conditions: ConditionsOf,
    emit: Listener,
    save: (info: RunInfo) => Promise<void>,
  ) {
    const { config } = run;
    this.#folder = folder;
    this.#dataset = dataset;
    this.#emit = emit;
    this.#save = save;
    this.#log = log;
    this.passedOver = passedOver;
    this.#conditions = conditions;
    this.#split = splitImages(dataset.info.images, config.heldOutFraction);
    this.#plan = new BatchPlan(this.#split.train, config.batchSize, config.seed);
    this.totalSteps = this.#plan.stepsPerEpoch * config.epochs;
    this.#learner = new Learner(specOfRun(run), config, start);
    this.#step = start.step;
    this.#pace = new Pace(this.#plan.batchSize);
    const epoch = Math.floor(start.step / this.#plan.stepsPerEpoch);
    this.#losses = kept
      .filter((event) => event.event === 'step' && event.step > epoch * this.#plan.stepsPerEpoch)
      .map(({ loss }) => loss);
    // A process that died may have noted an epoch in its log, and not yet in run.json.
    const lastEpoch = kept.findLast((event) => event.event === 'epoch');
    this.#run = { ...run, step: start.step, epoch, ...(lastEpoch ? measuredIn(lastEpoch) : {}) };
  }

  /** Prepares everything; memory is taken from here on until {@link close}. */
  static async open(
    folder: string,
    run: RunInfo,
    dataset: Dataset,
    start: Checkpoint,
    emit: Listener,
    save: (info: RunInfo) => Promise<void>,
  ): Promise<TrainingSession> {
    const metrics = await MetricsLog.openAfter(folder, start.step);
    const conditions = await readConditions(run.condition, dataset);
    return new TrainingSession(folder, run, dataset, start, metrics, conditions, emit, save);
  }

  /** Images a step; fewer than the config says where the data set is small. */
  get batchSize(): number {
    return this.#plan.batchSize;
  }

  /** Trains; yields after every step, with the epoch's end and checkpoints done. */
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

  /** Marks the run failed; its last checkpoint stays. */
  async fail(failure: ErrorPayload): Promise<RunInfo> {
    return this.#end('failed', failure);
  }

  /** Marks the run interrupted at its last checkpoint, because nothing more can be written. */
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
    const { decoderVariance } = this.#learner;
    const result = this.#learner.step({
      images,
      condition: this.#conditions(indices),
      batch: this.#plan.batchSize,
      datasetSize: this.#split.train.length,
      step,
      totalSteps: this.totalSteps,
    });
    this.#step = step + 1;
    this.#assertFinite(result.loss);
    this.#report(result, decoderVariance);
  }

  #assertFinite({ total, terms }: LossTerms): void {
    const broken = Object.entries(terms).find(([, value]) => !Number.isFinite(value));
    if (!broken && Number.isFinite(total)) return;
    const term = broken?.[0] ?? 'total';
    const kept =
      this.#run.step > 0 ? `the checkpoint of step ${this.#run.step} is kept` : 'nothing was saved yet';
    throw new UnravelError(
      'diverged',
      `Training diverged at step ${this.#step}: ${term} is not a number any more; ${kept}.`,
      {
        hint: 'Use a smaller learning rate or smaller weights.',
        remedy: 'gentler-training',
      },
    );
  }

  #report({ loss, klPerDimension }: StepResult, decoderVariance: number | undefined): void {
    this.#losses.push(loss);
    this.#pace.tick();
    const event = {
      event: 'step',
      step: this.#step,
      epoch: Math.floor((this.#step - 1) / this.#plan.stepsPerEpoch) + 1,
      loss,
      klPerDimension: [...klPerDimension],
      activeDimensions: isVariational(this.#run.config.objective.model)
        ? klPerDimension.filter((nats) => nats > ACTIVE_NATS).length
        : undefined,
      ...(decoderVariance === undefined ? {} : { decoderVariance }),
      imagesPerSecond: this.#pace.imagesPerSecond,
      secondsLeft: this.#pace.secondsFor(this.totalSteps - this.#step),
    } as const;
    this.#log.add(event);
    this.#emit(event);
  }

  /** Held-out numbers, snapshot of codes, sheets, checkpoint: in this order, so that a checkpoint has them all. */
  async #endEpoch(): Promise<void> {
    const epoch = this.#step / this.#plan.stepsPerEpoch;
    const statistics = await this.#measureStatistics();
    const weights = this.#finiteWeights();
    const model = new TrainedModel(specOfRun(this.#run), weights, statistics, this.#run.condition);
    try {
      const heldOut = await evaluateHeldOut(model, this.#dataset, this.#split.heldOut);
      const { reconstruction, kl } = heldOut;
      this.#assertFinite({ total: reconstruction + kl, terms: { 'held-out error': reconstruction, kl } });
      const indices = snapshotIndices(this.#split);
      const part = (start: number, size: number): Uint32Array => indices.subarray(start, start + size);
      const posteriors = await encodeInChunks(
        model,
        indices.length,
        (start, size) => this.#dataset.readImages(part(start, size)),
        { condition: (start, size) => this.#conditions(part(start, size)) },
      );
      const images = await drawSnapshotImages(model, this.#dataset, this.#split.heldOut);
      await writeSnapshot(this.#folder, epoch, indices, posteriors, images);
      const { latentDim, objective } = this.#run.config;
      const event = {
        event: 'epoch',
        epoch,
        step: this.#step,
        loss: meanLoss(this.#losses),
        heldOut,
        decomposition: isVariational(objective.model)
          ? onlyFinite(
              measureDecomposition(posteriors.mu, posteriors.logVar, latentDim, DECOMPOSITION_SAMPLES),
            )
          : undefined,
        seconds: (performance.now() - this.#epochStarted) / 1000,
      } as const;
      const sheets = await writeSheets(this.#folder, epoch, model, this.#dataset, this.#split.heldOut);
      this.#log.add(event);
      await this.#checkpoint(statistics, weights, { epoch, ...measuredIn(event) });
      this.#emit(event);
      this.#emit({ event: 'sheet', kind: 'reconstructions', path: sheets.reconstructions });
      this.#emit({ event: 'sheet', kind: 'samples', path: sheets.samples });
      this.#warnOfCollapse(heldOut.activeDimensions, latentDim);
    } finally {
      model.dispose();
    }
    this.#losses = [];
    this.#epochStarted = performance.now();
    this.#pace.restart();
  }

  #warnOfCollapse(active: number, latentDim: number): void {
    if (active >= Math.min(COLLAPSED_BELOW, latentDim)) return;
    const dimensions = active === 1 ? '1 dimension carries' : `${active || 'no'} dimensions carry`;
    this.#emit({
      event: 'warning',
      message:
        `The posterior is collapsing: ${dimensions} information about the images, of ${latentDim}. ` +
        'If it stays so, use a smaller beta or train longer.',
    });
  }

  /** @param reached - what the run has come to, which is noted of it once the checkpoint holds it */
  async #checkpoint(
    statistics: Statistics,
    weights: Weights = this.#finiteWeights(),
    reached: Partial<RunInfo> = {},
  ): Promise<void> {
    await this.#log.flush();
    // A checkpoint whose moments are no numbers could not be gone on with.
    const moments = this.#finite(this.#learner.moments());
    const companions = this.#finite(this.#learner.companions());
    const { epoch } = { ...this.#run, ...reached };
    const checkpoint = { weights, statistics, moments, companions, step: this.#step, epoch };
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

  #finiteWeights(): Weights {
    return this.#finite(this.#learner.model.weights());
  }

  /** Weights, which must not replace a good checkpoint when they are no numbers any more. */
  #finite(weights: Weights): Weights {
    for (const { data } of weights.values()) {
      if (!data.every(Number.isFinite))
        this.#assertFinite({ total: Number.NaN, terms: { weights: Number.NaN } });
    }
    return weights;
  }

  async #measureStatistics(): Promise<Statistics> {
    const { batchSize } = this.#plan;
    const batches: { images: Uint8Array; condition: Float32Array | undefined }[] = [];
    const count = Math.min(STATISTICS_BATCHES, this.#plan.stepsPerEpoch);
    for (let i = 0; i < count; i++) {
      const indices = this.#split.train.subarray(i * batchSize, (i + 1) * batchSize);
      batches.push({
        images: await this.#dataset.readImages(indices),
        condition: this.#conditions(indices),
      });
    }
    const { seed, objective } = this.#run.config;
    const withPrior = discriminatorOf(objective.model) === 'images';
    return measureStatistics(this.#learner.model, batches, batchSize, seed, { withPrior });
  }
}

/** What an epoch measured, as a run keeps it. */
function measuredIn({
  heldOut,
  decomposition,
}: Extract<TrainingEvent, { event: 'epoch' }>): Pick<RunInfo, 'heldOut' | 'decomposition'> {
  return { heldOut, ...(decomposition ? { decomposition } : {}) };
}

/** A file of JSON has no place for what is not a number: such parts are taken as not measured. */
function onlyFinite(measured: Decomposition): Decomposition | undefined {
  return Object.values(measured).every(Number.isFinite) ? measured : undefined;
}

function meanLoss(losses: readonly LossTerms[]): LossTerms {
  const mean = (value: (loss: LossTerms) => number): number =>
    losses.reduce((sum, loss) => sum + value(loss) / losses.length, 0);
  const names = Object.keys(losses[0]?.terms ?? {});
  return {
    total: mean(({ total }) => total),
    terms: Object.fromEntries(names.map((name) => [name, mean(({ terms }) => terms[name] ?? Number.NaN)])),
  };
}
