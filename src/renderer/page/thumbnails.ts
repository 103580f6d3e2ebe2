import type { PageDescription } from '../../contract/page.ts';
import type { FaceImage } from '../components/face.ts';

/** The page's thumbnails, cut out of one picture when they are needed. */
export class Thumbnails {
  readonly #picture: HTMLImageElement;
  readonly #tiles: NonNullable<PageDescription['thumbnails']>;
  readonly #channels: 1 | 3;
  readonly #context: CanvasRenderingContext2D;

  private constructor(
    picture: HTMLImageElement,
    { thumbnails, channels }: PageDescription & { thumbnails: NonNullable<PageDescription['thumbnails']> },
  ) {
    this.#picture = picture;
    this.#tiles = thumbnails;
    this.#channels = channels;
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = thumbnails.sizePx;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('The browser gives no canvas to draw on.');
    this.#context = context;
  }

  /** @returns undefined for a page without images, and where the browser cannot read their picture */
  static async open(
    description: PageDescription,
    source: string | undefined,
  ): Promise<Thumbnails | undefined> {
    const { thumbnails } = description;
    if (!thumbnails || source === undefined) return undefined;
    const picture = new Image();
    picture.src = source;
    try {
      await picture.decode();
      return new Thumbnails(picture, { ...description, thumbnails });
    } catch {
      return undefined;
    }
  }

  /** The image of a point. */
  of(point: number): FaceImage {
    const { sizePx, perRow } = this.#tiles;
    const [x, y] = [(point % perRow) * sizePx, Math.floor(point / perRow) * sizePx];
    this.#context.drawImage(this.#picture, x, y, sizePx, sizePx, 0, 0, sizePx, sizePx);
    const { data: rgba } = this.#context.getImageData(0, 0, sizePx, sizePx);
    const channels = this.#channels;
    const data = new Uint8Array(sizePx * sizePx * channels);
    for (let i = 0; i < sizePx * sizePx; i++)
      for (let c = 0; c < channels; c++) data[i * channels + c] = rgba[i * 4 + c]!;
    return { width: sizePx, height: sizePx, channels, data };
  }
}
