import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TrainingConfig } from '../../contract/run.ts';
import { removeFolder } from '../../system/remove.ts';
import type { Dataset } from '../data/dataset.ts';
import { TrainingSession } from './session.ts';
import { freshCheckpoint, newRun } from './train.ts';

/**
 * Number of steps that are not measured. The first steps are slower, because memory is allocated and kernels are
 * chosen.
 */
const WARM_UP_STEPS = 2;
const MEASURED_STEPS = 4;

/** Maximum number of steps of {@link measureRate}. */
export const RATE_STEPS = WARM_UP_STEPS + MEASURED_STEPS;

/** Options for progress and cancellation of a measurement. */
export interface MeasureOptions {
  /** Aborting throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with the number of completed steps. */
  readonly onStep?: (steps: number) => void;
}

/**
 * Measures the speed of a training by running its first few steps, including reading images, in a temporary folder.
 * The work at the end of an epoch is not measured.
 *
 * @returns images per second, the median of the steps
 */
export async function measureRate(
  dataset: Dataset,
  config: TrainingConfig,
  { signal, onStep }: MeasureOptions = {},
): Promise<number> {
  const run = await newRun(dataset, config);
  const folder = await mkdtemp(join(tmpdir(), 'unravel-measure-'));
  const seconds: number[] = [];
  let began = performance.now();
  const session = await TrainingSession.open({
    folder,
    run,
    dataset,
    start: freshCheckpoint(run),
    emit: ({ event }) => {
      if (event === 'step') seconds.push((performance.now() - began) / 1000);
    },
    save: () => Promise.resolve(),
  });
  try {
    began = performance.now();
    for await (const _ of session.steps()) {
      onStep?.(seconds.length);
      if (seconds.length === RATE_STEPS) break;
      await nextTurn();
      signal?.throwIfAborted();
      began = performance.now();
    }
  } finally {
    await session.close();
    await removeFolder(folder);
  }
  return session.batchSize / median(seconds.slice(Math.min(WARM_UP_STEPS, seconds.length - 1)));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
