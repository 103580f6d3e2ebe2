import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import { codesFile, hasCodes, readStoredCodes, type DatasetCodes } from '../codes/codes-file.ts';
import { DATASET_FILES } from '../data/dataset-files.ts';
import type { Dataset } from '../data/dataset.ts';
import { datasetFolder, openDataset } from '../data/store.ts';
import { openModel, type InferenceModel } from '../inference/model.ts';
import { withoutModel } from '../runs/spec.ts';
import { CHECKPOINT_FILE, openRun, runFolder, type Run } from '../runs/store.ts';
import type { Workspace } from '../basics/workspace.ts';
import { KeepOpen } from './keep-open.ts';
import { Turns } from './turns.ts';

/** Maximum numbers of open models and data sets. A model of the paper takes 25 MB. */
const MOST_MODELS = 4;
const MOST_DATASETS = 4;
/** 200,000 codes of 32 dimensions are 26 MB. */
const MOST_CODES = 3;
/** Results that are kept of codes: a projection of 200,000 of them takes 2.4 MB, and there are millions of projections. */
const MOST_KNOWN = 8;

/** Codes, and a cache of results that were computed from them. */
export interface OpenCodes {
  readonly codes: DatasetCodes;
  /** The last results by key, the least recently used first. */
  readonly known: Map<string, Promise<unknown>>;
}

/** A version of a file, which changes with every atomic write. */
async function versionOf(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
    () => undefined,
  );
}

/** The workspace of the engine's operations, with its open models, data sets and codes. */
export class EngineContext {
  readonly workspace: Workspace;
  readonly turns = new Turns();
  readonly #models = new KeepOpen<InferenceModel>(MOST_MODELS, (model) => model.dispose());
  readonly #datasets = new KeepOpen<Dataset>(MOST_DATASETS, (dataset) =>
    dataset.close().catch(() => undefined),
  );
  readonly #codes = new KeepOpen<OpenCodes>(MOST_CODES);

  constructor(workspace: Workspace) {
    this.workspace = workspace;
  }

  /**
   * A run by its id.
   *
   * @throws UnravelError `not-found`, or `bad-input` where it is damaged
   */
  run(id: string): Promise<Run> {
    return openRun(this.workspace, id);
  }

  /**
   * Works with a run's model as its checkpoint is now.
   *
   * @throws UnravelError `not-found`; `not-ready` while a training has written no checkpoint yet
   */
  async withModel<T>(run: string, work: (model: InferenceModel) => Promise<T> | T): Promise<T> {
    const version = await versionOf(join(runFolder(this.workspace, run), CHECKPOINT_FILE));
    if (version === undefined) {
      const { info } = await this.run(run);
      if (info.hasCodesOnly) throw withoutModel();
      throw new UnravelError('not-ready', `The run ${info.name} has no model yet.`, {
        hint: 'There is one after the first epoch.',
      });
    }
    return this.#models.use(run, version, () => openModel(this.workspace, run), work);
  }

  /**
   * Works with a data set.
   *
   * @throws UnravelError `not-found`, or `bad-input` where its files are damaged
   */
  async withDataset<T>(id: string, work: (dataset: Dataset) => Promise<T> | T): Promise<T> {
    const version = await versionOf(join(datasetFolder(this.workspace, id), DATASET_FILES.info));
    return this.#datasets.use(id, version ?? 'missing', () => openDataset(this.workspace, id), work);
  }

  /** Whether a run's codes of a data set are there, and of its present checkpoint. */
  async hasCodes(run: string, dataset: string): Promise<boolean> {
    const { folder } = await this.run(run);
    return this.withDataset(dataset, ({ info }) => hasCodes(folder, dataset, info.images));
  }

  /**
   * Works with a run's codes of a data set.
   *
   * @throws UnravelError `not-ready` where they are missing or of an earlier checkpoint
   */
  async withCodes<T>(run: string, dataset: string, work: (open: OpenCodes) => Promise<T> | T): Promise<T> {
    const { info, folder } = await this.run(run);
    const path = codesFile(folder, dataset);
    const version = await versionOf(path);
    if (version === undefined || !(await this.hasCodes(run, dataset))) throw withoutCodes(info);
    const images = await this.withDataset(dataset, (open) => open.info.images);
    const open = async (): Promise<OpenCodes> => ({
      codes: await readStoredCodes(path, images),
      known: new Map(),
    });
    return this.#codes.use(`${run}/${dataset}`, version, open, work);
  }

  /** Closes everything that is open. */
  async close(): Promise<void> {
    const all = (): boolean => true;
    await Promise.all([
      this.#models.dropWhere(all),
      this.#datasets.dropWhere(all),
      this.#codes.dropWhere(all),
    ]);
  }

  /** Closes everything of a run before it is removed. */
  async forgetRun(run: string): Promise<void> {
    await this.#models.drop(run);
    await this.#codes.dropWhere((key) => key.startsWith(`${run}/`));
  }

  /** Closes everything of a data set before it is removed. */
  async forgetDataset(dataset: string): Promise<void> {
    await this.#datasets.drop(dataset);
    await this.#codes.dropWhere((key) => key.endsWith(`/${dataset}`));
  }
}

function withoutCodes({ name }: RunInfo): UnravelError {
  return new UnravelError('not-ready', `The codes of this data set under ${name} are not computed yet.`, {
    hint: 'Compute them first: every image is encoded once.',
  });
}

/**
 * A cached result that is computed from codes.
 *
 * @param key - names it among the codes' other results
 */
export function knownOf<T>({ known }: OpenCodes, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) as Promise<T> | undefined;
  known.delete(key);
  const result = found ?? make();
  known.set(key, result);
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(oldest);
  }
  if (!found) {
    result.catch(() => {
      if (known.get(key) === result) known.delete(key);
    });
  }
  return result;
}
