import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatasetInfoSchema, type DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { codesFile, EXPORTED_CODES } from '../codes/codes-file.ts';
import { DATASET_FILES, writeDatasetInfo } from '../data/dataset-files.ts';
import { datasetFolder } from '../data/store.ts';
import { resourceFolder } from '../basics/entry.ts';
import { writePrivateFile, writePrivateFolder } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { MOST_RUN_BYTES, RUN_FILE, runFolder } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';

/**
 * A file in the workspace that records that the starters were placed, so that they are not placed again after they
 * were removed.
 */
const NOTE = 'starter.json';

/** A trained model of the gallery: what `unravel export-model --codes --history` wrote. */
interface Starter {
  readonly folder: string;
  readonly run: RunInfo;
}

/** The models that a first launch shows, and the sample faces on which they were trained. */
interface Gallery {
  readonly dataset: DatasetInfo;
  /** In the order of their folders' names. */
  readonly starters: readonly Starter[];
}

/** What {@link placeStarters} has put into a workspace. */
export interface PlacedStarters {
  readonly dataset: DatasetInfo;
  /** All runs of the gallery. */
  readonly runs: readonly RunInfo[];
  /** Ids of those that were put there now; the others were there already. */
  readonly placed: readonly string[];
}

async function readGallery(folder: string): Promise<Gallery> {
  const rule = {
    mostBytes: MOST_RUN_BYTES,
    followLinks: true,
    otherwise: 'does not describe a starter',
    hint: 'Install Unravel again.',
  };
  const dataset = await readJsonFile(join(folder, DATASET_FILES.info), {
    ...rule,
    schema: DatasetInfoSchema,
  });
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : []));
  const starters = folders.toSorted().map(async (starter) => ({
    folder: starter,
    run: await readJsonFile(join(starter, RUN_FILE), { ...rule, schema: RunInfoSchema }),
  }));
  return { dataset, starters: await Promise.all(starters) };
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.'));
}

/** Whether a workspace is empty, except for parts of the gallery from an interrupted start. */
async function isEmpty({ datasets, runs }: Workspace, { starters, dataset }: Gallery): Promise<boolean> {
  const own = starters.map(({ run }) => run.id);
  const others = [
    ...(await namesIn(datasets)).filter((name) => name !== dataset.id),
    ...(await namesIn(runs)).filter((name) => !own.includes(name)),
  ];
  return others.length === 0;
}

async function placeDataset(workspace: Workspace, dataset: DatasetInfo): Promise<void> {
  const folder = datasetFolder(workspace, dataset.id);
  if (existsSync(folder)) return;
  await writePrivateFolder(folder, (staging) => writeDatasetInfo(staging, dataset));
}

/** @returns whether it was put there now */
async function placeRun(
  workspace: Workspace,
  { folder: from, run }: Starter,
  dataset: DatasetInfo,
): Promise<boolean> {
  const folder = runFolder(workspace, run.id);
  if (existsSync(folder)) return false;
  await writePrivateFolder(folder, async (staging) => {
    await cp(from, staging, { recursive: true });
    const codes = codesFile(staging, dataset.id);
    await mkdir(dirname(codes), { recursive: true });
    await rename(join(staging, EXPORTED_CODES), codes);
  });
  return true;
}

async function placeGallery(workspace: Workspace, { dataset, starters }: Gallery): Promise<PlacedStarters> {
  await placeDataset(workspace, dataset);
  const placed: string[] = [];
  for (const starter of starters) {
    if (await placeRun(workspace, starter, dataset)) placed.push(starter.run.id);
  }
  const runs = starters.map(({ run }) => run);
  const note = { version: 2, dataset: dataset.id, runs: runs.map(({ id }) => id) };
  await writePrivateFile(join(workspace.root, NOTE), `${JSON.stringify(note)}\n`);
  return { dataset, runs, placed };
}

/**
 * Puts the starters into a workspace: sample faces, and models that were trained on them, with their histories and
 * measures. Each appears whole or not at all, and nothing that is there is overwritten.
 *
 * @param from - the gallery's folder; without one that of this build
 * @throws UnravelError `not-found` if this build has no gallery
 */
export async function placeStarters(
  workspace: Workspace,
  from: string | undefined = resourceFolder('starters'),
): Promise<PlacedStarters> {
  if (from === undefined) {
    throw new UnravelError('not-found', 'This build of Unravel has no starters.', {
      hint: 'Install Unravel again.',
    });
  }
  return placeGallery(workspace, await readGallery(from));
}

/**
 * Puts the starters into a workspace that holds nothing yet, so that the first launch has something to explore. It is
 * done once, so that what a person removes stays removed.
 *
 * @param from - the gallery's folder; without one that of this build, if it has one
 * @returns whether they were put there now
 */
export async function placeStartersOnce(
  workspace: Workspace,
  from: string | undefined = resourceFolder('starters'),
): Promise<boolean> {
  if (from === undefined || existsSync(join(workspace.root, NOTE))) return false;
  const gallery = await readGallery(from);
  if (!(await isEmpty(workspace, gallery))) return false;
  await placeGallery(workspace, gallery);
  return true;
}
