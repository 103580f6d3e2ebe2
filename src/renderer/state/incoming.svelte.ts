import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { isEnd, type Job } from '../../contract/job.ts';
import type { Source } from '../../contract/operations/sources.ts';
import type { RunInfo } from '../../contract/run.ts';
import type { ViewId } from '../../contract/views.ts';
import { counted, wholeNumber } from '../components/format.ts';
import { LatestAsk } from './latest-ask.ts';
import type { Library } from './library.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';
import { discardSource, filesOfEntries, filesOfInput, upload, type GivenFiles } from './upload.ts';

/** Files on their way to the machine that serves the app. */
export interface UploadState {
  readonly name: string;
  readonly done: number;
  /** Undefined while folders are still being walked. */
  readonly total: number | undefined;
}

/** What taking files in depends on: the window's state. */
interface IncomingOwner {
  readonly client: Client;
  readonly library: Library;
  readonly toasts: Toasts;
  /** The source whose import sheet is open. */
  source: Source | undefined;
  chooseDataset(id: string): void;
  chooseRun(id: string): void;
  view: ViewId;
  /** Does something that may fail, and shows the error where it does. */
  attempt(work: () => Promise<unknown>): void;
}

/** What a person means to open; a drop may be either. */
type Wanted = 'anything' | 'model';

/** A source, and the run that was made of it if it contains a model. */
interface Found {
  readonly source: Source;
  readonly run: RunInfo | null;
}

/** Everything on its way into the workspace: dropped and chosen files, uploads, and data sets that are finished. */
export class Incoming {
  upload = $state.raw<UploadState | undefined>();
  /** The data set whose left-out files are listed. */
  report = $state.raw<DatasetInfo | undefined>();
  readonly #app: IncomingOwner;
  #announced: readonly string[] = [];
  #controller: AbortController | undefined;
  readonly #askSource = new LatestAsk();

  constructor(app: IncomingOwner) {
    this.#app = app;
    app.client.on('job', (job) => {
      const makesData = job.request.kind === 'import' || job.request.kind === 'sample-data';
      if (makesData && isEnd(job.state)) app.attempt(() => this.#announce(job));
    });
  }

  /** Dropped entries of a browser's page. */
  takeEntries(entries: readonly FileSystemEntry[]): void {
    const name = entries[0]?.name ?? 'images';
    this.#receive(name, (signal) => filesOfEntries(entries, signal));
  }

  /** Files chosen in a browser's dialog. */
  takeFiles(files: readonly File[], wanted: Wanted = 'anything'): void {
    if (files.length === 0) return;
    const given = filesOfInput(files);
    this.#receive(given.name, () => Promise.resolve(given), wanted);
  }

  /**
   * Opens a source that the host knows: a model becomes a run, and images are shown in the sheet for imports. Of several
   * sources, the one that was asked for last is opened.
   *
   * @param find - null where there is none after all
   * @throws UnravelError why it cannot be opened, unless another one was asked for meanwhile
   */
  async open(find: () => Promise<Source | null>, wanted: Wanted = 'anything'): Promise<void> {
    await this.#askSource.ask(
      async () => this.#identify(await find(), wanted),
      (found) => this.#take(found),
    );
  }

  /** Closes the sheet of a source that is not to be imported. */
  discard(): void {
    const { client, source } = this.#app;
    if (source) discardSource(client, source);
    this.#app.source = undefined;
  }

  /** The system's own dialog. Electron only. */
  choose(what: 'folder' | 'files', wanted: Wanted = 'anything'): void {
    this.#app.attempt(() => this.open(() => this.#app.client.request('sources.choose', { what }), wanted));
  }

  /** Stops the upload under way. */
  cancel(): void {
    this.#controller?.abort();
    this.upload = undefined;
  }

  #receive(
    name: string,
    list: (signal: AbortSignal) => Promise<GivenFiles>,
    wanted: Wanted = 'anything',
  ): void {
    this.#askSource.forget();
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    this.upload = { name, done: 0, total: undefined };
    this.#app.attempt(async () => {
      try {
        const given = await list(signal);
        const source = await upload(this.#app.client, given, {
          signal,
          onProgress: (progress) => {
            if (!signal.aborted) this.upload = { name: given.name, ...progress };
          },
        });
        await this.open(() => Promise.resolve(source), wanted);
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        if (this.#controller === controller) this.upload = undefined;
      }
    });
  }

  /** Opens the model of a source, if it contains one. */
  async #identify(source: Source | null, wanted: Wanted): Promise<Found | undefined> {
    if (!source) return undefined;
    const { client, library } = this.#app;
    try {
      const run = await client.request('models.import', { source: source.source });
      if (run) await library.loadRuns();
      if (!run && wanted === 'model') throw noModel(source);
      return { source, run };
    } catch (error) {
      discardSource(client, source);
      throw error;
    }
  }

  #take(found: Found | undefined): void {
    if (!found) return;
    const { source, run } = found;
    this.discard();
    if (!run) {
      this.#app.source = source;
      return;
    }
    this.#app.chooseRun(run.id);
    this.#app.view = 'explore';
    this.#app.toasts.show({ kind: 'info', message: openedWords(run) });
  }

  /** Chooses a data set that has just been made, and says what came of it. */
  async #announce({ id, state, result }: Job): Promise<void> {
    if (state !== 'done' || result?.dataset === undefined || this.#announced.includes(id)) return;
    this.#announced = [...this.#announced, id];
    await this.#app.library.loadDatasets();
    const dataset = this.#app.library.dataset(result.dataset);
    if (!dataset) return;
    this.#app.chooseDataset(dataset.id);
    const { images, name, skipped, duplicates } = dataset;
    const seeWhich = { label: 'See which', run: () => (this.report = dataset) };
    if (skipped.length > 0) {
      const message = `${name} is ready: ${counted(images, 'image')}. ${counted(skipped.length, 'file')} left out`;
      this.#app.toasts.show({ kind: 'warning', message, action: seeWhich });
    } else {
      const message = `${name} is ready: ${counted(images, 'image')}`;
      this.#app.toasts.show({
        kind: 'info',
        message:
          duplicates.length > 0 ? `${message}, ${wholeNumber(duplicates.length)} of them twice` : message,
        ...(duplicates.length > 0 ? { action: seeWhich } : {}),
      });
    }
  }
}

/** What was recognised: `vae is open: BetaVAE_H of 1Konny/Beta-VAE, 10 dimensions, 64×64 in colour.` */
function openedWords({ name, importedFrom, config, imageSize, channels }: RunInfo): string {
  const facts = [
    importedFrom ?? 'it was trained elsewhere',
    counted(config.latentDim, 'dimension'),
    `${imageSize}×${imageSize} in ${channels === 1 ? 'grey' : 'colour'}`,
  ];
  return `${name} is open: ${facts.join(', ')}.`;
}

function noModel({ name }: Source): UnravelError {
  return new UnravelError('bad-input', `There is no model in ${name}.`, {
    hint: 'Choose a file of weights, such as model.pt or model.safetensors, or a folder that Unravel exported.',
  });
}
