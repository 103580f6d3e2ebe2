import { existsSync } from 'node:fs';
import { copyFile, cp, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import { weightFilesAmong } from '../../contract/model-files.ts';
import { RunInfoSchema, type RunInfo } from '../../contract/run.ts';
import { writeFileAtomic, writeFolderAtomic } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { MAPPING_FILE } from '../models/foreign/mapping.ts';
import { specOfRun } from './spec.ts';
import { importForeignModel, type ForeignOptions } from './import-foreign.ts';
import type { Workspace } from '../basics/workspace.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import {
  AXES_FOLDER,
  CHECKPOINT_FILE,
  createRun,
  EVALUATIONS_FOLDER,
  makeRunId,
  METRICS_FILE,
  MOST_RUN_BYTES,
  openRun,
  RUN_FILE,
  SNAPSHOTS_FOLDER,
} from './store.ts';

/**
 * Exports a run's model to a folder: its description and weights, without Adam's moments.
 *
 * @param id - the run's exact id
 * @param out - the folder to create; it must not exist
 * @param half - store half precision: the file is half as large, and the relative error of each number is at most
 * 2⁻¹¹
 * @param history - also write the metrics, the snapshots, and evaluation and axes of the run's own data set
 */
export async function exportModel(
  workspace: Workspace,
  id: string,
  out: string,
  { half = false, history = false }: { readonly half?: boolean; readonly history?: boolean } = {},
): Promise<RunInfo> {
  const { info, folder } = await openRun(workspace, id);
  refuseExisting(out);
  const checkpoint = await readCheckpoint(folder, specOfRun(info), { moments: 'left-out' });
  await writeFolderAtomic(out, async (staging) => {
    await writeCheckpoint(staging, checkpoint, { half });
    await writeFileAtomic(join(staging, RUN_FILE), `${JSON.stringify(info, undefined, 2)}\n`);
    if (history) await copyHistory(info, folder, staging);
  });
  return info;
}

async function copyHistory({ dataset }: RunInfo, folder: string, out: string): Promise<void> {
  const ofDataset = dataset
    ? [join(EVALUATIONS_FOLDER, `${dataset.id}.json`), join(AXES_FOLDER, `${dataset.id}.safetensors`)]
    : [];
  for (const part of [METRICS_FILE, SNAPSHOTS_FOLDER, ...ofDataset]) {
    if (existsSync(join(folder, part))) await cp(join(folder, part), join(out, part), { recursive: true });
  }
}

/** @throws UnravelError `conflict` if there is something at the path of a folder that an export creates */
export function refuseExisting(out: string): void {
  if (!existsSync(out)) return;
  throw new UnravelError('conflict', `Could not write ${out}: it exists already.`, {
    path: out,
    hint: 'Remove it, or choose another folder.',
  });
}

/**
 * Imports the model in a folder: one that {@link exportModel} wrote, or one of another program.
 *
 * @param options - the run's name; by default the exported run's, or `sourceName`, which is the folder's name if it is
 * left out
 * @returns a run that can be explored but not trained further
 * @throws UnravelError when a file is missing, damaged, or of another kind of model
 */
export async function importModel(
  workspace: Workspace,
  folder: string,
  options: ForeignOptions = {},
): Promise<RunInfo> {
  const path = join(folder, RUN_FILE);
  if (!existsSync(path)) {
    const sourceName = options.sourceName ?? basename(resolve(folder));
    // Written by exportSafetensors, or by a person.
    const beside = join(folder, MAPPING_FILE);
    const mapping = options.mapping ?? (existsSync(beside) ? beside : undefined);
    return importForeignModel(workspace, await findWeights(folder), {
      ...options,
      ...(mapping !== undefined && { mapping }),
      sourceName,
    });
  }
  const exported = await readExported(path);
  await readCheckpoint(folder, specOfRun(exported));

  const name = options.name ?? exported.name;
  const { pid: _pid, failure: _failure, ...rest } = exported;
  const info: RunInfo = {
    ...rest,
    id: makeRunId(name),
    name,
    created: new Date().toISOString(),
    state: 'imported',
    dataset: null,
    importedFrom: `Unravel: ${exported.id}, folder ${options.sourceName ?? basename(resolve(folder))}`,
  };
  await createRun(workspace, info, (staging) =>
    copyFile(join(folder, CHECKPOINT_FILE), join(staging, CHECKPOINT_FILE)),
  );
  return info;
}

/** @throws UnravelError `bad-input` for a folder without weights, or with several files of them */
async function findWeights(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => undefined);
  const found = weightFilesAmong(names ?? []);
  const [first] = found;
  if (first !== undefined && found.length === 1) return join(folder, first);
  const why = !names
    ? 'there is no such folder'
    : first === undefined
      ? 'it has no file with weights, such as model.safetensors or model.pt'
      : `it has several files with weights: ${found.slice(0, 5).join(', ')}`;
  throw new UnravelError(
    names ? 'bad-input' : 'not-found',
    `Could not open the model in ${folder}: ${why}.`,
    {
      path: folder,
      hint:
        first === undefined
          ? 'Choose the folder or the file of a model.'
          : 'Choose one of them instead of the folder.',
    },
  );
}

function readExported(path: string): Promise<RunInfo> {
  return readJsonFile(path, {
    schema: RunInfoSchema,
    mostBytes: MOST_RUN_BYTES,
    followLinks: true,
    otherwise: 'does not describe a run',
    hint: 'Export the model again.',
    remedy: 'export-model',
  });
}
