import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '../../../src/contract/client.ts';
import { portPair } from '../../../src/contract/port.ts';
import type { RunInfo, TrainingConfig } from '../../../src/contract/run.ts';
import { serve } from '../../../src/contract/serve.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { EngineContext } from '../../../src/engine/serving/context.ts';
import { engineHandlers } from '../../../src/engine/serving/handlers.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { train } from '../../../src/engine/training/train.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';

export const FACES = 150;
export const LATENT = 5;

/** A small model that learns something in a few seconds. */
export const smallConfig: TrainingConfig = {
  ...defaultConfig({ model: 'vae' }),
  architecture: 'burgess',
  latentDim: LATENT,
  epochs: 3,
  batchSize: 32,
  learningRate: 1e-3,
  heldOutFraction: 0.2,
  seed: 11,
};

/** A workspace of its own. */
export async function makeWorkspace(): Promise<{ workspace: Workspace; remove: () => Promise<void> }> {
  const workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-serving-')));
  return { workspace, remove: () => rm(workspace.root, { recursive: true, force: true }) };
}

/** A workspace with sample faces and a model trained on them for a few epochs. */
export async function makeTrainedWorkspace(config: TrainingConfig = smallConfig): Promise<{
  workspace: Workspace;
  dataset: string;
  run: RunInfo;
  remove: () => Promise<void>;
}> {
  const { workspace, remove } = await makeWorkspace();
  const { id } = await createSampleFaces(workspace, { count: FACES, seed: 4, name: 'faces' });
  const dataset = await openDataset(workspace, id);
  const run = await train(workspace, dataset, config, { name: 'small' });
  await dataset.close();
  return { workspace, dataset: id, run, remove };
}

/** A client of an engine in this process; closing it lets go of what the engine has open. */
export function clientOf(workspace: Workspace): Client {
  const [ours, theirs] = portPair();
  const context = new EngineContext(workspace);
  theirs.onClose(() => void context.close());
  serve(theirs, engineHandlers(context));
  return createClient(ours);
}
