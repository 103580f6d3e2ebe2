import { basename, join, resolve } from 'node:path';
import type { ModelKind, RunInfo } from '../../contract/run.ts';
import { VERSION } from '../basics/version.ts';
import type { Workspace } from '../basics/workspace.ts';
import { readSafetensors } from '../files/safetensors.ts';
import { makeObjective } from '../losses/objectives.ts';
import { describeModel } from '../models/architecture.ts';
import { convertWeights, readSpecs, type Specs } from '../models/pytorch-weights.ts';
import { loadNative } from '../tensorflow/binding.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { createRun, makeRunId } from './store.ts';

/**
 * Imports a model of the disentangling-vae project (Dubois et al. 2019): a folder with `model.safetensors` (with
 * PyTorch's names and layouts) and `specs.json`.
 *
 * @returns a run that can be explored but not trained further
 * @throws UnravelError when a file is missing, damaged, or of another kind of model
 */
export async function importPyTorchModel(
  workspace: Workspace,
  folder: string,
  {
    name,
    sourceName = basename(resolve(folder)),
  }: { readonly name?: string; readonly sourceName?: string } = {},
): Promise<RunInfo> {
  const specs = await readSpecs(join(folder, 'specs.json'));
  const path = join(folder, 'model.safetensors');
  const file = await readSafetensors(path);
  const [channels, imageSize] = specs.img_size;
  const spec = describeModel({
    architecture: 'burgess',
    latentDim: specs.latent_dim,
    imageSize,
    channels,
    variational: true,
  });
  const weights = convertWeights(spec, file, path);

  const title = name ?? sourceName;
  const info: RunInfo = {
    version: 1,
    id: makeRunId(title),
    name: title,
    created: new Date().toISOString(),
    state: 'imported',
    dataset: null,
    config: {
      objective: objectiveOf(specs),
      architecture: 'burgess',
      latentDim: specs.latent_dim,
      epochs: Math.max(1, Math.round(specs.epochs ?? 1)),
      batchSize: Math.max(2, Math.round(specs.batch_size ?? 64)),
      learningRate: specs.lr ?? 5e-4,
      precision: 'full',
      seed: 0,
      heldOutFraction: 0.05,
      checkpointEverySteps: 0,
    },
    imageSize,
    channels,
    epoch: Math.max(0, Math.round(specs.epochs ?? 0)),
    step: 0,
    versions: { unravel: VERSION, tensorflow: loadNative().version },
    importedFrom: `disentangling-vae: ${specs.loss ?? 'unknown loss'} on ${specs.dataset ?? 'unknown data'}`,
  };
  await createRun(workspace, info, (staging) =>
    writeCheckpoint(staging, {
      weights,
      statistics: new Map(),
      moments: undefined,
      step: 0,
      epoch: info.epoch,
    }),
  );
  return info;
}

/** The most similar objective. The distribution of the original decoder may be different. */
function objectiveOf({ loss, btcvae_B, betaH_B }: Specs): RunInfo['config']['objective'] {
  const model: ModelKind = loss === 'btcvae' ? 'beta-tcvae' : loss === 'betaH' ? 'beta-vae' : 'vae';
  if (model === 'beta-tcvae') return makeObjective(model, { beta: btcvae_B ?? 6 });
  return makeObjective(model, model === 'beta-vae' ? { beta: betaH_B ?? 4 } : {});
}
