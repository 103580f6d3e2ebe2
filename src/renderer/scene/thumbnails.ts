import { faceOfSide, writeRgba, type FaceImage } from '../components/face.ts';

/** Images in the atlas are 64 pixels wide, whatever the data set's size and the screen's resolution. */
const SLOT_PX = 64;
const COLUMNS = 32;
const ROWS = 16;
/** A tile on the screen: half the image's width, in a frame. */
export const TILE_PX = 32;
export const FRAME_PX = 1;

/** Small images of points, in one atlas; those that were not drawn for longest make room for new ones. */
export class Thumbnails {
  static readonly SLOTS = COLUMNS * ROWS;
  readonly #atlas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #pixels = new ImageData(SLOT_PX, SLOT_PX);
  readonly #slotOf = new Map<number, number>();
  readonly #pointAt = new Int32Array(Thumbnails.SLOTS).fill(-1);
  readonly #drawnAt = new Uint32Array(Thumbnails.SLOTS);
  #frame = 1;

  constructor() {
    this.#atlas = document.createElement('canvas');
    this.#atlas.width = COLUMNS * SLOT_PX;
    this.#atlas.height = ROWS * SLOT_PX;
    this.#context = this.#atlas.getContext('2d');
  }

  has(point: number): boolean {
    return this.#slotOf.has(point);
  }

  /** Takes an image of a data set in. */
  add(point: number, image: FaceImage): void {
    if (this.has(point)) return;
    const slot = this.#oldestSlot();
    this.#slotOf.delete(this.#pointAt[slot]!);
    this.#slotOf.set(point, slot);
    this.#pointAt[slot] = point;
    this.#drawnAt[slot] = this.#frame;
    writeRgba(faceOfSide(image, SLOT_PX), this.#pixels.data);
    this.#context?.putImageData(this.#pixels, left(slot), top(slot));
  }

  /** The images belong to other points now. */
  clear(): void {
    this.#slotOf.clear();
    this.#pointAt.fill(-1);
    this.#drawnAt.fill(0);
  }

  nextFrame(): void {
    this.#frame += 1;
  }

  /** Draws a point's image with its middle at a pixel; false where it is not there yet. */
  draw(context: CanvasRenderingContext2D, point: number, x: number, y: number): boolean {
    const slot = this.#slotOf.get(point);
    if (slot === undefined) return false;
    this.#drawnAt[slot] = this.#frame;
    const half = TILE_PX / 2;
    context.drawImage(
      this.#atlas,
      left(slot),
      top(slot),
      SLOT_PX,
      SLOT_PX,
      x - half,
      y - half,
      TILE_PX,
      TILE_PX,
    );
    return true;
  }

  dispose(): void {
    this.clear();
    this.#atlas.width = this.#atlas.height = 0;
  }

  #oldestSlot(): number {
    let oldest = 0;
    for (let slot = 1; slot < this.#drawnAt.length; slot++) {
      if (this.#drawnAt[slot]! < this.#drawnAt[oldest]!) oldest = slot;
    }
    return oldest;
  }
}

function left(slot: number): number {
  return (slot % COLUMNS) * SLOT_PX;
}

function top(slot: number): number {
  return Math.floor(slot / COLUMNS) * SLOT_PX;
}
