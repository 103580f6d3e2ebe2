import { UnravelError } from '../../contract/errors.ts';
import { UNDO_MS } from '../../contract/operations/datasets.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import type { RunInfo } from '../../contract/run.ts';
import { MODEL_FORMATS, savedEnding, type ModelFormat, type SavedItem } from '../../contract/saved-file.ts';
import { counted } from '../components/format.ts';
import { hasDecoder, hasModel } from '../components/run-words.ts';
import type { AppState, Item } from './app.svelte.ts';
import { forgetRemoved, recentlyRemoved, rememberRemoved, type RecentlyRemoved } from './recently-removed.ts';
import { curvesCsv, metricsCsv } from './run-tables.ts';
import { saveFile, saveMade } from './save-file.ts';
import { sharpeningProblem } from './sharpen-run.ts';
import { canContinue, trainedFrom } from './train-again.ts';

/** An entry of a menu. */
export interface MenuAction {
  readonly label: string;
  readonly run: () => void;
  /** Why it cannot be done, in a sentence; undefined where it can. */
  readonly refusal?: string | undefined;
}

/** Entries that stand together, between lines. */
export interface MenuGroup {
  readonly title?: string;
  readonly actions: readonly MenuAction[];
}

const TYPES: Readonly<Record<string, string>> = {
  zip: 'application/zip',
  csv: 'text/csv',
  html: 'text/html',
};
const MODEL_TITLES: Readonly<Record<ModelFormat, string>> = {
  unravel: 'Model (zip)',
  safetensors: 'Model for PyTorch (safetensors, zip)',
  onnx: 'Model as ONNX (zip)',
};
const CODES_TITLES = { csv: 'CSV', npy: 'NumPy', safetensors: 'safetensors' } as const;

/** A name as a file may have it on every system. */
function fileName(name: string): string {
  const safe = name.replace(/[\p{Cc}/\\:*?"<>|]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '');
  return safe.slice(0, 100) || 'unravel';
}

function save(app: AppState, saved: SavedItem, stem: string): void {
  const ending = savedEnding(saved);
  const type = TYPES[ending] ?? 'application/octet-stream';
  app.attempt(() =>
    saveMade(app, { kind: 'save', saved }, `${fileName(stem)}.${ending}`, type, () => undefined),
  );
}

function saveTable(app: AppState, stem: string, make: () => Promise<string>): void {
  app.attempt(async () => {
    const text = await make();
    await saveFile(app, new TextEncoder().encode(text), `${fileName(stem)}.csv`, 'text/csv');
  });
}

/** What becomes of the runs that were trained on a data set that was removed. */
function runsWords(app: AppState, dataset: string): string {
  const { length } = app.library.runs.filter((run) => run.dataset?.id === dataset);
  if (length === 0) return '';
  const whose =
    length === 1
      ? 'The run that was trained on it stays'
      : `${counted(length, 'run')} that were trained on it stay`;
  return ` ${whose}, but cannot be trained further.`;
}

/** Removes a data set or run, and says so with a button that restores it. */
export async function removeItem(app: AppState, { kind, id, name }: Item): Promise<void> {
  const { client, library } = app;
  const words = kind === 'dataset' ? runsWords(app, id) : '';
  const wasChosen = (kind === 'dataset' ? app.dataset?.id : app.run?.id) === id;
  if (kind === 'dataset') await client.request('datasets.remove', { dataset: id });
  else await client.request('runs.remove', { run: id });
  await library.load();
  const removed: RecentlyRemoved = {
    item: { kind, id, name },
    message: `Removed ${name}.${words}`,
    wasChosen,
    until: Date.now() + UNDO_MS,
  };
  rememberRemoved(removed);
  offerUndo(app, removed);
}

/** Offers to restore what was removed before the window was reloaded. */
export function offerUndoAgain(app: AppState): void {
  for (const removed of recentlyRemoved()) offerUndo(app, removed);
}

function offerUndo(app: AppState, { item: { kind, id }, message, wasChosen, until }: RecentlyRemoved): void {
  const { client, library } = app;
  const restore = async (): Promise<void> => {
    forgetRemoved(id);
    if (kind === 'dataset') await client.request('datasets.restore', { dataset: id });
    else await client.request('runs.restore', { run: id });
    await library.load();
    if (!wasChosen) return;
    if (kind === 'dataset') app.chooseDataset(id);
    else app.chooseRun(id);
  };
  app.toasts.show({
    kind: 'info',
    message,
    shownMs: until - Date.now(),
    action: { label: 'Undo', run: () => app.attempt(restore) },
  });
}

function commonActions(app: AppState, item: Item): { rename: MenuAction; remove: MenuGroup } {
  return {
    rename: { label: 'Rename…', run: () => (app.renaming = item) },
    remove: { actions: [{ label: 'Remove', run: () => app.attempt(() => removeItem(app, item)) }] },
  };
}

/** The menu of a data set. */
export function datasetActions(app: AppState, dataset: DatasetInfo): readonly MenuGroup[] {
  const { id, name } = dataset;
  const { rename, remove } = commonActions(app, { kind: 'dataset', id, name });
  const train = (): void => {
    if (app.dataset?.id !== id) app.chooseDataset(id);
    app.openForm();
  };
  return [
    { actions: [rename, { label: 'Train a model on it…', run: train }] },
    {
      title: 'Export',
      actions: [
        {
          label: dataset.columns.length > 0 ? 'Images and labels (zip)' : 'Images (zip)',
          run: () => save(app, { item: 'dataset', dataset: id }, name),
        },
      ],
    },
    remove,
  ];
}

/** The data set whose codes a run's menu exports: the chosen one where the run can see its images, else its own. */
function datasetOfCodes(app: AppState, run: RunInfo): DatasetInfo | undefined {
  const { dataset, library } = app;
  return dataset?.channels === run.channels ? dataset : library.dataset(run.dataset?.id);
}

function exportActions(app: AppState, run: RunInfo): MenuAction[] {
  const { client } = app;
  const { id, name } = run;
  const dataset = datasetOfCodes(app, run);
  const models = run.hasCodesOnly
    ? []
    : MODEL_FORMATS.map((format): MenuAction => ({
        label: MODEL_TITLES[format],
        run: () =>
          save(app, { item: 'model', run: id, format }, format === 'unravel' ? name : `${name} ${format}`),
      }));
  // The two say themselves whether the file holds images, because whoever gets it sees them.
  const pages = [true, false].flatMap((images): MenuAction[] =>
    dataset
      ? [
          {
            label: images ? `Web page with images of ${dataset.name}` : 'Web page without images',
            run: () => save(app, { item: 'page', run: id, dataset: dataset.id, images }, name),
          },
        ]
      : [],
  );
  const curves: MenuAction = {
    label: 'Training curves (CSV)',
    run: () =>
      saveTable(app, `${name} curves`, async () =>
        curvesCsv((await client.request('runs.metrics', { run: id })).epochs),
      ),
  };
  const codes = (['csv', 'npy', 'safetensors'] as const).flatMap((format): MenuAction[] =>
    dataset
      ? [
          {
            label: `Codes of ${dataset.name} (${CODES_TITLES[format]})`,
            run: () =>
              save(
                app,
                { item: 'codes', run: id, dataset: dataset.id, format },
                `${name} codes of ${dataset.name}`,
              ),
          },
        ]
      : [],
  );
  const measured: MenuAction[] = dataset
    ? [
        {
          label: `Measurements on ${dataset.name} (CSV)`,
          run: () =>
            saveTable(app, `${name} measured on ${dataset.name}`, async () => {
              const pair = { run: id, dataset: dataset.id };
              const stored = await client.request('runs.evaluation', pair);
              if (stored?.evaluation) return metricsCsv(stored.evaluation.metrics, stored.axes?.metrics);
              throw new UnravelError('not-ready', `${name} was not measured on ${dataset.name} yet.`, {
                hint: 'Measure it first, in Measure.',
              });
            }),
        },
      ]
    : [];
  return [
    ...models,
    ...pages,
    ...codes,
    ...(run.epoch > 0 && run.state !== 'imported' ? [curves] : []),
    ...measured,
  ];
}

/** Sharpening a run, with the reason where it cannot be; nothing while the run is trained. */
function sharpenActions(app: AppState, run: RunInfo): MenuAction[] {
  if (run.state === 'running' || !hasModel(run)) return [];
  return [{ label: 'Sharpen…', refusal: sharpeningProblem(app, run), run: () => app.sharpen(run) }];
}

/** The menu of a run. */
export function runActions(app: AppState, run: RunInfo): readonly MenuGroup[] {
  const { id, name } = run;
  const { rename, remove } = commonActions(app, { kind: 'run', id, name });
  const explore = (): void => {
    app.chooseRun(id);
    app.view = 'explore';
  };
  const trained = trainedFrom(app, run);
  return [
    {
      actions: [
        ...(hasModel(run) ? [{ label: 'Explore', run: explore }] : []),
        rename,
        ...(canContinue(app, run) ? [{ label: 'Train further…', run: () => app.trainFurther(run) }] : []),
        ...sharpenActions(app, run),
        ...(trained ? [{ label: 'Train again with a change…', run: (): void => app.openForm(trained) }] : []),
      ],
    },
    ...(hasDecoder(run) ? [{ title: 'Export', actions: exportActions(app, run) }] : []),
    remove,
  ];
}
