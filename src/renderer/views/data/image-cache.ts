import type { Client } from '../../../contract/client.ts';
import type { DatasetInfo } from '../../../contract/dataset.ts';
import { imageBytes } from '../../../contract/image-size.ts';
import { faceOfSide, facesOf, type FaceImage } from '../../components/face.ts';
import { Latest } from '../../state/latest.ts';
import { TILE_PX } from './grid.ts';

/** Maximum number of images that are kept as large as a tile: some screens full, 50 MB in colour. */
const MOST_KEPT = 4096;
/** Fetched in one request, so that fast scrolling is not answered with rows that have gone by. */
const BATCH = 128;
const BATCH_BYTES = 6 * 2 ** 20;

/** Images of one data set at the size of a tile, fetched as they are wanted; only the newest wishes are fetched. */
export class ImageCache {
  readonly #client: Client;
  readonly #dataset: string;
  readonly #batch: number;
  readonly #onLoad: (indices: readonly number[]) => void;
  readonly #kept = new Map<number, FaceImage>();
  readonly #fetch: Latest<readonly number[], void>;
  #isClosed = false;

  /** @param onLoad - hears which images have come */
  constructor(
    client: Client,
    dataset: Pick<DatasetInfo, 'id' | 'imageSize' | 'channels'>,
    onLoad: (indices: readonly number[]) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#client = client;
    this.#dataset = dataset.id;
    this.#batch = Math.min(BATCH, Math.floor(BATCH_BYTES / imageBytes(dataset)));
    this.#onLoad = onLoad;
    this.#fetch = new Latest({
      load: (missing) => this.#load(missing.slice(0, this.#batch)),
      show: (_images, missing) => {
        // The rest waits behind newer wishes: a newer one has taken its place if there is one.
        const rest = missing.slice(this.#batch);
        if (rest.length > 0 && !this.#fetch.isWaiting) this.#fetch.ask(rest);
      },
      fail: onFailure,
    });
  }

  get(index: number): FaceImage | undefined {
    return this.#kept.get(index);
  }

  /** Fetches those of these images that are not there; what was wanted before and has not come is forgotten. */
  want(indices: readonly number[]): void {
    const missing: number[] = [];
    for (const index of indices) {
      const image = this.#kept.get(index);
      if (!image) missing.push(index);
      else {
        // Again at the end: the first of the map is the one that nobody wanted for longest.
        this.#kept.delete(index);
        this.#kept.set(index, image);
      }
    }
    if (missing.length > 0) this.#fetch.ask(missing);
    else this.#fetch.forget();
  }

  close(): void {
    this.#isClosed = true;
    this.#fetch.close();
    this.#kept.clear();
  }

  /** Images are kept by their numbers: those that come late are worth as much. */
  async #load(indices: number[]): Promise<void> {
    const images = await this.#client.request('datasets.images', { dataset: this.#dataset, indices });
    if (this.#isClosed) return;
    facesOf(images).forEach((image, i) => this.#kept.set(indices[i]!, faceOfSide(image, TILE_PX)));
    for (const index of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) break;
      this.#kept.delete(index);
    }
    this.#onLoad(indices);
  }
}
