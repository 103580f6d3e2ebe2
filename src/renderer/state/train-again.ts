import { MOST_EPOCHS, type Continuation, type RunInfo } from '../../contract/run.ts';
import type { Advice } from '../../contract/verdict.ts';
import type { AppState } from './app.svelte.ts';

type TrainAdvice = Extract<Advice, { kind: 'train' }>;

/** Maximum length of a run's name that is made here. */
const MOST_NAME = 200;

/**
 * The run whose settings a run was trained with: that which a sharpened run was made from, however often it was
 * sharpened, else itself. Undefined if that run was removed.
 */
export function trainedFrom(app: AppState, run: RunInfo): RunInfo | undefined {
  const seen = new Set<string>();
  let trained: RunInfo | undefined = run;
  // A run.json of another program could name runs in a circle.
  while (trained?.sharpening && !seen.has(trained.id)) {
    seen.add(trained.id);
    trained = app.library.run(trained.sharpening.origin.id);
  }
  return trained?.sharpening ? undefined : trained;
}

/** Whether a run can be trained again: its data set must be in the workspace. */
export function canTrainAgain(app: AppState, run: RunInfo): boolean {
  return app.library.dataset(run.dataset?.id) !== undefined;
}

/** Starts a new run with a config that was advised for a run, and shows it in Train. */
export async function trainAgain(app: AppState, run: RunInfo, { config, words }: TrainAdvice): Promise<void> {
  if (!run.dataset) return;
  const name = `${run.name}, ${words}`.slice(0, MOST_NAME);
  const job = await app.jobs.start({ kind: 'train', dataset: run.dataset.id, config, name });
  app.trainTarget = job.id;
  app.view = 'train';
}

/** Whether a run can be trained further: it is done, and its data set is in the workspace. */
export function canContinue(app: AppState, run: RunInfo): boolean {
  return run.state === 'done' && run.config.epochs < MOST_EPOCHS && canTrainAgain(app, run);
}

/** Trains a run that is done further, and shows it in Train. */
export async function continueRun(
  app: AppState,
  { id, config }: RunInfo,
  { epochs, learningRate }: Continuation,
): Promise<void> {
  const changes = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(learningRate === undefined || learningRate === config.learningRate ? {} : { learningRate }),
  };
  const job = await app.jobs.start({ kind: 'resume', run: id, changes });
  app.trainTarget = job.id;
  app.view = 'train';
}
