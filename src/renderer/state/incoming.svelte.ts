import type { Client } from '../../contract/client.ts';
import type { DatasetInfo } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { isEnd, type Job } from '../../contract/job.ts';
import type { FoundCodes, Source } from '../../contract/operations/sources.ts';
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

/** A file with codes of another program. */
export interface CodesSource {
  readonly source: Source;
  readonly found: FoundCodes;
}

/** What taking files in depends on: the window's state. */
interface IncomingOwner {
  readonly client: Client;
  readonly library: Library;
  readonly toasts: Toasts;
  /** The source whose import sheet is open. */
  source: Source | undefined;
  /** The codes whose import sheet is open. */
  codes: CodesSource | undefined;
  chooseDataset(id: string): void;
  chooseRun(id: string): void;
  view: ViewId;
  /** Does something that may fail, and shows the error where it does. */
  attempt(work: () => Promise<unknown>): void;
}

/** What a person means to open; a drop may be either. */
type Wanted = 'anything' | 'model';

/** A source, and what it contains: codes, a model of which a run was made, or images. */
interface Found {
  readonly source: Source;
  readonly codes: FoundCodes | null;
  readonly run: RunInfo | null;
}

/** What was joined and left out takes a while to read. */
const NOTES_SHOWN_MS = 30_000;

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
      if (job.request.kind === 'import-codes') app.attempt(() => this.#announceCodes(job));
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
   * Opens a source that the host knows: a model becomes a run, and codes and images are shown in their sheets. Of several
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
    const { client, source, codes } = this.#app;
    if (source) discardSource(client, source);
    if (codes) discardSource(client, codes.source);
    this.#app.source = undefined;
    this.#app.codes = undefined;
  }

  /**
   * A folder of images that is not opened: the system's dialog in Electron, and in a browser files that were chosen
   * already, which are sent.
   *
   * @returns undefined where nothing was chosen, or the upload was stopped
   */
  async folder(files?: readonly File[]): Promise<Source | undefined> {
    if (!files) return (await this.#app.client.request('sources.choose', { what: 'folder' })) ?? undefined;
    const given = filesOfInput(files);
    let sent: Source | undefined;
    await this.#send(
      given.name,
      () => Promise.resolve(given),
      (source) => {
        sent = source;
        return Promise.resolve();
      },
    );
    return sent;
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
    this.#app.attempt(() =>
      this.#send(name, list, (source) => this.open(() => Promise.resolve(source), wanted)),
    );
  }

  /** Sends files to where the app is served, and uses them unless that is stopped. */
  async #send(
    name: string,
    list: (signal: AbortSignal) => Promise<GivenFiles>,
    use: (source: Source) => Promise<void>,
  ): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    const { signal } = controller;
    this.upload = { name, done: 0, total: undefined };
    try {
      const given = await list(signal);
      const source = await upload(this.#app.client, given, {
        signal,
        onProgress: (progress) => {
          if (!signal.aborted) this.upload = { name: given.name, ...progress };
        },
      });
      await use(source);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      if (this.#controller === controller) this.upload = undefined;
    }
  }

  /** Looks for codes in a source, and opens its model if it contains one. */
  async #identify(source: Source | null, wanted: Wanted): Promise<Found | undefined> {
    if (!source) return undefined;
    const { client, library } = this.#app;
    try {
      const codes =
        wanted === 'model' ? null : await client.request('sources.codes', { source: source.source });
      if (codes) return { source, codes, run: null };
      const run = await client.request('models.import', { source: source.source });
      if (run) await library.loadRuns();
      if (!run && wanted === 'model') throw noModel(source);
      return { source, codes: null, run };
    } catch (error) {
      discardSource(client, source);
      throw error;
    }
  }

  #take(found: Found | undefined): void {
    if (!found) return;
    const { source, codes, run } = found;
    this.discard();
    if (codes) {
      this.#app.codes = { source, found: codes };
      return;
    }
    if (!run) {
      this.#app.source = source;
      return;
    }
    this.#app.chooseRun(run.id);
    this.#app.view = 'explore';
    this.#app.toasts.show({ kind: 'info', message: openedWords(run) });
  }

  /** Shows the run of codes that has just been made, and says what came of it. */
  async #announceCodes({ id, state, result }: Job): Promise<void> {
    if (state !== 'done' || result?.run === undefined || this.#announced.includes(id)) return;
    this.#announced = [...this.#announced, id];
    const { library, toasts } = this.#app;
    await Promise.all([library.loadDatasets(), library.loadRuns()]);
    const run = library.run(result.run);
    if (!run) return;
    this.#app.chooseRun(run.id);
    this.#app.view = 'explore';
    const codes = `${counted(result.images ?? 0, 'code')} of ${counted(run.config.latentDim, 'dimension')}`;
    toasts.show({
      kind: 'info',
      message: `${run.name} is open: ${codes}, without a decoder.`,
      ...(result.notes?.length ? { hint: result.notes.join(' '), shownMs: NOTES_SHOWN_MS } : {}),
    });
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
