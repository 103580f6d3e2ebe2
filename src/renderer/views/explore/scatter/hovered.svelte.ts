import type { Client } from '../../../../contract/client.ts';
import type { DatasetInfo } from '../../../../contract/dataset.ts';
import { imageBytes } from '../../../../contract/image-size.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import { Latest } from '../../../state/latest.ts';
import { Recent } from './recent.ts';

interface Seen {
  readonly name: string;
  readonly image: FaceImage | undefined;
}

/** Maximum size of the hovered images that are remembered: a thousand of 64×64 in colour. */
const MOST_KEPT_BYTES = 12 * 2 ** 20;

/** The point under the pointer. Its index is known within a frame; its picture comes as soon as it can. */
export class Hovered {
  index = $state<number | undefined>();
  seen = $state.raw<Seen | undefined>();
  readonly #kept: Recent<Seen>;
  readonly #load: Latest<number, Seen>;

  /** @param onFailure - hears why a picture did not come */
  constructor(
    client: Client,
    { id: dataset, ...shape }: Pick<DatasetInfo, 'id' | 'imageSize' | 'channels'>,
    onFailure: (error: unknown) => void,
  ) {
    this.#kept = new Recent(Math.floor(MOST_KEPT_BYTES / imageBytes(shape)));
    this.#load = new Latest({
      load: async (index) => {
        const indices = [index];
        const [images, [name = '']] = await Promise.all([
          client.request('datasets.images', { dataset, indices }),
          client.request('datasets.names', { dataset, indices }),
        ]);
        const seen = { name, image: facesOf(images)[0] };
        this.#kept.keep(index, seen);
        return seen;
      },
      show: (seen, index) => {
        if (this.index === index) this.seen = seen;
      },
      fail: onFailure,
    });
  }

  /** Points at another image, or at none. */
  point(index: number | undefined): void {
    this.index = index;
    this.seen = index === undefined ? undefined : this.#kept.get(index);
    if (index === undefined || this.seen) this.#load.forget();
    else this.#load.ask(index);
  }

  /** Loads nothing any more. */
  close(): void {
    this.#load.close();
  }
}
