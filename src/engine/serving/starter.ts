import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatasetInfoSchema, type DatasetInfo } from '../../contract/dataset.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { codesFile, EXPORTED_CODES } from '../codes/codes-file.ts';
import { DATASET_FILES, writeDatasetInfo } from '../data/dataset-files.ts';
import { datasetFolder } from '../data/store.ts';
import { resourceFolder } from '../basics/entry.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { CHECKPOINT_FILE, MOST_RUN_BYTES, RUN_FILE, runFolder } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';

/**
 * A file in the workspace that records that the starter was placed, so that it is not placed again after it was
 * removed.
 */
const NOTE = 'starter.json';

/** The starter: a trained run, and the sample faces on which it was trained. */
interface Starter {
  readonly folder: string;
  readonly run: RunInfo;
  readonly dataset: DatasetInfo;
}

async function readStarter(folder: string): Promise<Starter> {
  const rule = {
    mostBytes: MOST_RUN_BYTES,
    followLinks: true,
    otherwise: 'does not describe the starter',
    hint: 'Install Unravel again.',
  };
  return {
    folder,
    run: await readJsonFile(join(folder, RUN_FILE), { ...rule, schema: RunInfoSchema }),
    dataset: await readJsonFile(join(folder, DATASET_FILES.info), { ...rule, schema: DatasetInfoSchema }),
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.'));
}

/** Whether a workspace is empty, except for parts of the starter from an interrupted start. */
async function isEmpty({ datasets, runs }: Workspace, { run, dataset }: Starter): Promise<boolean> {
  const others = [
    ...(await namesIn(datasets)).filter((name) => name !== dataset.id),
    ...(await namesIn(runs)).filter((name) => name !== run.id),
  ];
  return others.length === 0;
}

async function placeDataset(workspace: Workspace, { dataset }: Starter): Promise<void> {
  const folder = datasetFolder(workspace, dataset.id);
  if (existsSync(folder)) return;
  await writePrivateFolder(folder, (staging) => writeDatasetInfo(staging, dataset));
}

async function placeRun(workspace: Workspace, { folder: from, run, dataset }: Starter): Promise<void> {
  const folder = runFolder(workspace, run.id);
  if (existsSync(folder)) return;
  await writePrivateFolder(folder, async (staging) => {
    await copyFile(join(from, CHECKPOINT_FILE), join(staging, CHECKPOINT_FILE));
    const codes = codesFile(staging, dataset.id);
    await mkdir(dirname(codes), { recursive: true });
    await copyFile(join(from, EXPORTED_CODES), codes);
    await copyFile(join(from, RUN_FILE), join(staging, RUN_FILE));
  });
}

/**
 * Puts the starter model and its sample faces into a workspace that holds nothing yet, so that the first launch has
 * something to explore. Each part appears whole or not at all; nothing that is there is overwritten; and it is done
 * once, so that what a person removes stays removed.
 *
 * @param from - the starter's folder; without one that of this build, if it has one
 * @returns whether it was put there now
 */
export async function placeStarter(
  workspace: Workspace,
  from: string | undefined = resourceFolder('starter'),
): Promise<boolean> {
  const note = join(workspace.root, NOTE);
  if (from === undefined || existsSync(note)) return false;
  const starter = await readStarter(from);
  if (!(await isEmpty(workspace, starter))) return false;
  await placeDataset(workspace, starter);
  await placeRun(workspace, starter);
  const { run, dataset } = starter;
  await writePrivateFile(note, `${JSON.stringify({ version: 1, run: run.id, dataset: dataset.id })}\n`);
  return true;
}
