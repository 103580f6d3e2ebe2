import { isDeepStrictEqual } from 'node:util';
import type { Progress } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { StoredEvaluation } from '../../contract/operations/measure.ts';
import { isVariational, type RunInfo, type TrainingEvent } from '../../contract/run.ts';
import type { Dataset } from '../data/dataset.ts';
import { openModel } from '../inference/model.ts';
import { ELBO, type EvaluationPhase } from '../evaluation/evaluate-model.ts';
import { evaluateRun } from '../evaluation/evaluate-run.ts';
import { chooseMetrics } from '../metrics/registry.ts';
import { readEvaluation } from '../evaluation/stored-evaluations.ts';
import { listRuns, openRun, runFolder } from '../runs/store.ts';
import { newRun, resume, train } from '../training/train.ts';
import type { Workspace } from '../basics/workspace.ts';
import type { Sweep } from './sweep-file.ts';
import { UDR, withStability } from './stability.ts';
import { measuresOf, type TrialResult } from './trial-result.ts';
import { trialsOf, type Trial } from './trials.ts';

/** The source of a trial's model: an existing run, a resumed run, or a new one. */
export type TrialStart = 'known' | 'resumed' | 'new';

/** Options for events and cancellation of a sweep. */
export interface SweepOptions {
  /** Aborting ends the current training with a checkpoint, and the sweep with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called before each trial. @param place - from 0 */
  readonly onTrial?: (trial: Trial, place: number, trials: number, start: TrialStart) => void;
  readonly onTraining?: (event: TrainingEvent) => void;
  readonly onEvaluating?: (phase: EvaluationPhase, progress: Progress) => void;
  /** Awaited after each trial. @param results - all so far */
  readonly onResult?: (result: TrialResult, results: readonly TrialResult[]) => Promise<void> | void;
}

/** The order of preference if there are several runs with the same config. */
const STATES: readonly RunInfo['state'][] = ['done', 'running', 'interrupted', 'failed'];

/** Finds an existing run of a trial: the same config on the same data gives the same model. */
async function findRunOf(
  workspace: Workspace,
  dataset: Dataset,
  { config }: Trial,
): Promise<RunInfo | undefined> {
  const fitting = (await listRuns(workspace)).filter(
    (run) =>
      STATES.includes(run.state) &&
      run.dataset?.id === dataset.info.id &&
      run.dataset.images === dataset.info.images &&
      isDeepStrictEqual(run.config, config),
  );
  return fitting.sort((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state) || b.step - a.step)[0];
}

function isUdr(name: string): boolean {
  return name.toLowerCase() === UDR;
}

/** What is measured of a run: nothing where there is nothing to measure. */
function wantedOf({ metrics }: Sweep, dataset: Dataset, run: RunInfo): readonly string[] {
  const hasPosterior = isVariational(run.config.objective);
  const all = dataset.info.columns.length > 0 ? chooseMetrics().map(({ metric }) => metric.id) : [];
  const named = metrics?.filter((name) => !isUdr(name)) ?? [...all, ELBO];
  return named.filter((name) => hasPosterior || name.toLowerCase() !== ELBO);
}

/** Whether everything that is wanted of a run was measured of its checkpoint. */
function hasAll(
  stored: StoredEvaluation | null,
  wanted: readonly string[],
  { step, seed, images }: { step: number; seed: number; images: number },
): stored is StoredEvaluation {
  if (stored?.step !== step || stored.seed !== seed || stored.images !== images) return false;
  const names = wanted.filter((name) => name.toLowerCase() !== ELBO);
  const keys = names.length ? chooseMetrics(names).flatMap(({ scores }) => scores.map(({ key }) => key)) : [];
  const needsElbo = names.length < wanted.length;
  return (
    keys.every((key) => stored.evaluation?.metrics[key] !== undefined) &&
    (!needsElbo || stored.decomposition !== null)
  );
}

async function measure(
  workspace: Workspace,
  dataset: Dataset,
  run: RunInfo,
  sweep: Sweep,
  { signal, onEvaluating }: SweepOptions,
): Promise<Pick<StoredEvaluation, 'evaluation' | 'decomposition'>> {
  const wanted = wantedOf(sweep, dataset, run);
  if (wanted.length === 0) return { evaluation: null, decomposition: null };
  const stored = await readEvaluation(runFolder(workspace, run.id), dataset.info.id);
  const seed = sweep.evaluationSeed;
  if (hasAll(stored, wanted, { step: run.step, seed, images: dataset.info.images })) return stored;
  const model = await openModel(workspace, run.id);
  try {
    return await evaluateRun(workspace, model, dataset, {
      seed,
      metrics: wanted,
      ...(signal ? { signal } : {}),
      ...(onEvaluating ? { onProgress: onEvaluating } : {}),
    });
  } finally {
    model.dispose();
  }
}

/** Removes results that were not requested. */
function onlyWanted(
  { evaluation, decomposition }: Pick<StoredEvaluation, 'evaluation' | 'decomposition'>,
  wanted: readonly string[],
): Pick<StoredEvaluation, 'evaluation' | 'decomposition'> {
  const names = wanted.filter((name) => name.toLowerCase() !== ELBO);
  const chosen = names.length
    ? chooseMetrics(names).flatMap(({ scores }) => scores.map(({ key }) => key))
    : [];
  return {
    evaluation: evaluation && {
      ...evaluation,
      metrics: Object.fromEntries(
        chosen.flatMap((key) => {
          const result = evaluation.metrics[key];
          return result ? [[key, result] as const] : [];
        }),
      ),
    },
    decomposition: names.length < wanted.length ? decomposition : null,
  };
}

async function trainTrial(
  workspace: Workspace,
  dataset: Dataset,
  trial: Trial,
  known: RunInfo | undefined,
  { signal, onTraining }: SweepOptions,
): Promise<RunInfo> {
  const options = { ...(signal ? { signal } : {}), ...(onTraining ? { onEvent: onTraining } : {}) };
  const run = known
    ? await resume(workspace, known.id, options)
    : await train(workspace, dataset, trial.config, { ...options, name: trial.name });
  if (run.state === 'interrupted') {
    throw signal?.reason ?? new UnravelError('cancelled', `${trial.name} was interrupted.`);
  }
  return run;
}

/** Trains what is not trained yet; a training that diverges is a result too. */
async function trainedRun(
  workspace: Workspace,
  dataset: Dataset,
  trial: Trial,
  known: RunInfo | undefined,
  options: SweepOptions,
): Promise<RunInfo> {
  if (known?.state === 'done' || known?.state === 'failed') return known;
  if (known?.state === 'running') {
    throw new UnravelError('conflict', `${trial.name} is being trained already, as ${known.id}.`, {
      hint: 'Wait until it has ended, then start the sweep again.',
    });
  }
  let run = known?.id;
  const onTraining = (event: TrainingEvent): void => {
    if (event.event === 'started') ({ run } = event);
    options.onTraining?.(event);
  };
  try {
    return await trainTrial(workspace, dataset, trial, known, { ...options, onTraining });
  } catch (error) {
    if (run === undefined || !(error instanceof UnravelError) || error.code !== 'diverged') throw error;
    return (await openRun(workspace, run)).info;
  }
}

/**
 * The trials as they are trained on a data set. What does not fit it is reported now, not after some trainings.
 *
 * @throws UnravelError `bad-input` for a trial whose layers, decoder or condition do not fit the data
 */
async function fitted(dataset: Dataset, trials: readonly Trial[]): Promise<Trial[]> {
  const made: Trial[] = [];
  for (const trial of trials) {
    const { config } = await newRun(dataset, trial.config, trial.name);
    made.push({ ...trial, config });
  }
  return made;
}

/**
 * Trains and measures every trial of a sweep. Existing runs and stored evaluations are reused, and interrupted runs
 * are resumed. Models of several seeds are compared with each other at the end.
 *
 * @returns the result of each trial, in order
 * @throws UnravelError where the sweep cannot be carried out; the signal's reason when it is aborted
 */
export async function runSweep(
  workspace: Workspace,
  dataset: Dataset,
  sweep: Sweep,
  options: SweepOptions = {},
): Promise<TrialResult[]> {
  const { signal, onTrial, onResult } = options;
  // Unknown metrics are reported now, not after the first training.
  chooseMetrics(sweep.metrics?.filter((name) => name.toLowerCase() !== ELBO && !isUdr(name)));
  const trials = await fitted(dataset, trialsOf(sweep));
  const results: TrialResult[] = [];
  for (const [place, trial] of trials.entries()) {
    signal?.throwIfAborted();
    const known = await findRunOf(workspace, dataset, trial);
    const isEnded = known?.state === 'done' || known?.state === 'failed';
    onTrial?.(trial, place, trials.length, isEnded ? 'known' : known ? 'resumed' : 'new');
    const run = await trainedRun(workspace, dataset, trial, known, options);
    const failure = run.state === 'failed' ? (run.failure?.message ?? 'The training failed.') : null;
    const found = failure === null && (await measure(workspace, dataset, run, sweep, options));
    const measures = found ? measuresOf(run, onlyWanted(found, wantedOf(sweep, dataset, run))) : [];
    const result: TrialResult = { trial, run: run.id, failure, measures };
    results.push(result);
    await onResult?.(result, results);
  }
  if (sweep.metrics && !sweep.metrics.some(isUdr)) return results;
  return withStability(workspace, dataset, results, { seed: sweep.evaluationSeed, signal });
}
