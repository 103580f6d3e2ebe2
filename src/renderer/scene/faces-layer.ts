import type { FaceImage } from '../components/face.ts';
import type { Palette } from '../theme/tokens.ts';
import type { ScreenPoints } from './screen-points.ts';
import { TileChooser, type Box } from './thinning.ts';
import { FRAME_PX, Thumbnails, TILE_PX } from './thumbnails.ts';

/** Between the middles of two tiles: between them the dots can still be seen. */
const SPACING_PX = 44;
const MARGIN_PX = TILE_PX / 2 + 4;
const MOST_TILES = 384;

/** Faces instead of dots: as many tiles as fit without touching, each over its point and framed in its colour. */
export class FacesLayer {
  readonly #tiles = new TileChooser(MOST_TILES, SPACING_PX, MARGIN_PX);
  readonly #thumbnails = new Thumbnails();
  readonly #onMissing: (points: number[]) => void;
  /** What the tiles were last arranged for. */
  #version = -1;
  #isFilled = false;

  /** @param onMissing - hears which points' images are needed; they come by {@link add} */
  constructor(onMissing: (points: number[]) => void) {
    this.#onMissing = onMissing;
  }

  /** @param images - of `points`, one each */
  add(points: readonly number[], images: readonly FaceImage[]): void {
    points.forEach((point, i) => {
      const image = images[i];
      if (image) this.#thumbnails.add(point, image);
    });
  }

  /** The points are those of other images now. */
  clear(): void {
    this.#tiles.clear();
    this.#thumbnails.clear();
    this.#version = -1;
  }

  setCovered(boxes: readonly Box[]): void {
    this.#tiles.covered = boxes;
    this.#version = -1;
  }

  /** The point whose tile is under a pixel, or −1. */
  tileAt(points: ScreenPoints, x: number, y: number): number {
    return this.#tiles.tileAt(points, x, y, TILE_PX / 2);
  }

  /** @param fill - whether gaps are filled; not while the camera moves, when tiles only go along */
  arrange(points: ScreenPoints, width: number, height: number, fill: boolean): void {
    if (points.version === this.#version && (this.#isFilled || !fill)) return;
    this.#version = points.version;
    this.#isFilled = fill;
    this.#tiles.choose(points, width, height, fill);
    if (fill) this.#askForMissing();
  }

  paint(
    context: CanvasRenderingContext2D,
    points: ScreenPoints,
    palette: Palette,
    colourOf: (point: number) => string,
    pixelRatio: number,
  ): void {
    this.#thumbnails.nextFrame();
    const { chosen, count } = this.#tiles;
    const frame = TILE_PX / 2 + FRAME_PX;
    for (let k = 0; k < count; k++) {
      const point = chosen[k]!;
      // On whole pixels of the screen, so that images stay crisp.
      const x = Math.round(points.x[point]! * pixelRatio) / pixelRatio;
      const y = Math.round(points.y[point]! * pixelRatio) / pixelRatio;
      context.fillStyle = colourOf(point);
      context.fillRect(x - frame, y - frame, frame * 2, frame * 2);
      if (!this.#thumbnails.draw(context, point, x, y)) {
        context.fillStyle = palette.well;
        context.fillRect(x - TILE_PX / 2, y - TILE_PX / 2, TILE_PX, TILE_PX);
      }
    }
  }

  dispose(): void {
    this.#tiles.clear();
    this.#thumbnails.dispose();
  }

  #askForMissing(): void {
    const { chosen, count } = this.#tiles;
    const missing: number[] = [];
    for (let k = 0; k < count; k++) if (!this.#thumbnails.has(chosen[k]!)) missing.push(chosen[k]!);
    if (missing.length > 0) this.#onMissing(missing);
  }
}
