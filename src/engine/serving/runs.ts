import { UnravelError } from '../../contract/errors.ts';
import type { ImageShape } from '../../contract/image-size.ts';
import { tensor, type Tensor } from '../../contract/tensor.ts';
import type { StepMetric } from '../../contract/operations/runs.ts';
import { descriptorOf, type RunInfo, type TrainingConfig } from '../../contract/run.ts';
import { readSharpeningMeasurement } from '../evaluation/stored-sharpening.ts';
import type { HostTensor } from '../files/safetensors.ts';
import { renameRun } from '../runs/rename-run.ts';
import { listRecipes } from '../runs/recipes.ts';
import { listRuns, listRunsAndDamaged, removeRunForNow, restoreRun, runFolder } from '../runs/store.ts';
import { listSnapshots, readSnapshot } from '../training/snapshot.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';
import { MetricsReader } from './run-metrics.ts';
import { SnapshotPositions } from './snapshot-positions.ts';

function pictures(found: HostTensor<Uint8Array> | undefined, { imageSize, channels }: RunInfo): Tensor<'u8'> {
  return found
    ? tensor('u8', found.shape, found.data)
    : tensor('u8', [0, imageSize, imageSize, channels], new Uint8Array(0));
}

/** True for a run that does the same work for each image as a training of this kind would. */
function isOfKind(
  run: RunInfo,
  config: TrainingConfig,
  { imageSize, channels, isSharpening = false }: ImageShape & { readonly isSharpening?: boolean },
): boolean {
  const { architecture, latentDim, batchSize, precision } = run.config;
  return (
    run.imageSize === imageSize &&
    run.channels === channels &&
    (run.sharpening !== undefined) === isSharpening &&
    JSON.stringify(architecture) === JSON.stringify(config.architecture) &&
    latentDim === config.latentDim &&
    batchSize === config.batchSize &&
    precision === config.precision &&
    // A discriminator takes as long as the model itself.
    descriptorOf(run.config.objective.model).discriminator ===
      descriptorOf(config.objective.model).discriminator
  );
}

/** The middle one of some values. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Runs: what they are, their curves, and what each epoch left to look at. */
export function runsHandlers(
  context: EngineContext,
): Pick<
  EngineHandlers,
  | 'runs.list'
  | 'runs.damaged'
  | 'runs.remove'
  | 'runs.restore'
  | 'runs.rename'
  | 'runs.metrics'
  | 'runs.snapshots'
  | 'runs.snapshot'
  | 'runs.sharpening'
  | 'runs.recipes'
  | 'runs.rate'
> {
  const { workspace } = context;
  const metrics = new MetricsReader();
  const positions = new SnapshotPositions();

  /** Of a run that was interrupted, later snapshots than its checkpoint will be made again. */
  async function snapshotsOf(id: string): Promise<{ folder: string; info: RunInfo; epochs: number[] }> {
    const { info, folder } = await context.run(id);
    const epochs = (await listSnapshots(folder)).filter((epoch) => epoch <= info.epoch);
    return { folder, info, epochs };
  }

  return {
    'runs.list': () => listRuns(workspace),

    'runs.damaged': async () => [...(await listRunsAndDamaged(workspace)).damaged],

    'runs.remove': async ({ run }) => {
      await context.forgetRun(run);
      await removeRunForNow(workspace, run);
      return {};
    },

    'runs.restore': async ({ run }) => {
      await restoreRun(workspace, run);
      return {};
    },

    'runs.rename': ({ run, name }) => renameRun(workspace, run, name),

    'runs.metrics': async ({ run }) => metrics.readThinned((await context.run(run)).folder),

    'runs.snapshots': async ({ run }) => (await snapshotsOf(run)).epochs,

    'runs.snapshot': async ({ run, epoch }) => {
      const { folder, info, epochs } = await snapshotsOf(run);
      if (!epochs.includes(epoch)) {
        throw new UnravelError('not-found', `The run ${info.name} has no snapshot of epoch ${epoch}.`, {
          hint: epochs.length
            ? `It has those of ${epochs.join(', ')}.`
            : 'The first comes with its first epoch.',
        });
      }
      const { indices, images } = await readSnapshot(folder, epoch);
      const { positions: aligned, variance } = await positions.at(folder, epoch);
      return {
        epoch,
        indices: tensor('i32', [indices.length], indices),
        positions: tensor('f32', [indices.length, 3], aligned),
        variance,
        originals: pictures(images?.originals, info),
        reconstructions: pictures(images?.reconstructions, info),
        samples: pictures(images?.samples, info),
      };
    },

    'runs.sharpening': async ({ run }) => {
      const { folder, info } = await context.run(run);
      const measured = info.sharpening ? await readSharpeningMeasurement(folder) : null;
      return measured?.step === info.step ? measured : null;
    },

    'runs.recipes': async ({ run }) => listRecipes((await context.run(run)).folder),

    'runs.rate': async ({ config, ...kind }) => {
      for (const run of await listRuns(workspace)) {
        if (!isOfKind(run, config, kind)) continue;
        // A run whose curves cannot be read says nothing.
        const { steps } = await metrics
          .read(runFolder(workspace, run.id))
          .catch(() => ({ steps: [] as readonly StepMetric[] }));
        if (steps.length > 0) return median(steps.map(({ imagesPerSecond }) => imagesPerSecond));
      }
      return null;
    },
  };
}
