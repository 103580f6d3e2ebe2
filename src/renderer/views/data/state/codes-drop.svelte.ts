import type { Client } from '../../../../contract/client.ts';
import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import type { JobRequest } from '../../../../contract/job.ts';
import type { FoundCodes, Source } from '../../../../contract/operations/sources.ts';
import type { CodesSource } from '../../../state/incoming.svelte.ts';
import { LatestAsk } from '../../../state/latest-ask.ts';

/** No images: the codes are points with their labels. */
export const NO_IMAGES = 'none';
/** The folder that was chosen for these codes. */
export const FOLDER = 'folder';

/** Codes of another program that are looked at before they are imported. */
export class CodesDropState {
  readonly source: Source;
  name = $state('');
  found = $state.raw<FoundCodes>()!;
  /** The images of the codes: a data set's id, {@link FOLDER} or {@link NO_IMAGES}. */
  images = $state<string>(NO_IMAGES);
  /** The folder of images that was chosen, whether it is used or not. */
  folder = $state.raw<Source | undefined>();
  /** Whether another array or group of columns is being read. */
  isReading = $state(false);
  error = $state.raw<ErrorPayload | undefined>();
  readonly #client: Client;
  readonly #read = new LatestAsk();

  constructor(client: Client, { source, found }: CodesSource) {
    this.#client = client;
    this.source = source;
    this.found = found;
    this.name = source.name.replace(/\.[a-z0-9]+$/i, '');
  }

  /** Reads the codes from another array or group of columns of the file. */
  async chooseKey(key: string): Promise<void> {
    this.isReading = true;
    this.error = undefined;
    try {
      await this.#read.ask(
        () => this.#client.request('sources.codes', { source: this.source.source, key }),
        (found) => {
          if (found) this.found = found;
        },
      );
    } catch (error) {
      this.error = errorPayload(error);
    } finally {
      this.isReading = this.#read.isAsking;
    }
  }

  /** Takes a folder as the images of the codes. */
  useFolder(folder: Source): void {
    this.folder = folder;
    this.images = FOLDER;
  }

  /** The data sets that the codes may be of: those with pictures, those with as many images as codes first. */
  candidates(datasets: readonly DatasetInfo[]): readonly DatasetInfo[] {
    const { rows } = this.found;
    return datasets
      .filter(({ kind }) => kind !== 'points')
      .toSorted((a, b) => Number(b.images === rows) - Number(a.images === rows));
  }

  get canImport(): boolean {
    return !this.isReading && this.name.trim() !== '';
  }

  /** What is imported. */
  get request(): JobRequest {
    const { images, folder } = this;
    return {
      kind: 'import-codes',
      source: this.source.source,
      name: this.name.trim().slice(0, 200),
      key: this.found.key,
      ...(images === FOLDER && folder ? { images: { kind: 'source' as const, source: folder.source } } : {}),
      ...(images !== FOLDER && images !== NO_IMAGES
        ? { images: { kind: 'dataset' as const, dataset: images } }
        : {}),
    };
  }

  /** Reads nothing any more. */
  close(): void {
    this.#read.close();
  }
}
