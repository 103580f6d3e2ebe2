import { writeRgba, type FaceImage } from '../../components/face.ts';
import { gridWidth, PITCH_PX, TILE_PX, type GridShape } from './grid.ts';

interface Row {
  readonly canvas: HTMLCanvasElement;
  readonly context: CanvasRenderingContext2D;
  /** Which row of the grid it shows; −1 for none. */
  row: number;
}

/**
 * The rows of a grid that are near what is seen, a canvas each. Rows that scroll away are used again for those that
 * come; the browser moves them, so that scrolling waits for no drawing.
 */
export class TileRows {
  readonly #host: HTMLElement;
  readonly #imageAt: (position: number) => FaceImage | undefined;
  readonly #pixels = new ImageData(TILE_PX, TILE_PX);
  #rows: Row[] = [];
  #shape: GridShape = { count: 0, columns: 1, rows: 0 };
  #first = 0;
  #end = 0;
  #well = '';

  /**
   * @param host - a positioned element as large as the grid
   * @param imageAt - the image at a position as large as a tile, if it is there
   */
  constructor(host: HTMLElement, imageAt: (position: number) => FaceImage | undefined) {
    this.#host = host;
    this.#imageAt = imageAt;
  }

  /** Shows rows `[first, end)` of a grid; everything is drawn again where the grid is another one. */
  show(shape: GridShape, first: number, end: number): void {
    const isSame = shape.columns === this.#shape.columns && shape.count === this.#shape.count;
    if (!isSame) for (const row of this.#rows) row.row = -1;
    this.#shape = shape;
    this.#first = first;
    this.#end = end;
    while (this.#rows.length < end - first) this.#rows.push(this.#makeRow());
    const shown = new Set(this.#rows.map(({ row }) => row));
    const free = this.#rows.filter(({ row }) => row < first || row >= end);
    for (let row = first; row < end; row++) {
      if (shown.has(row)) continue;
      this.#place(free.pop()!, row);
    }
    for (const row of free) {
      row.row = -1;
      row.canvas.hidden = true;
    }
  }

  /**
   * Draws everything again: the images at the positions, or the colours, have changed.
   *
   * @param well - the colour of a place whose image has not come
   */
  redraw(well: string): void {
    this.#well = well;
    for (const row of this.#rows) if (row.row >= 0) this.#paint(row);
  }

  /** Draws the rows again in which one of these positions lies. */
  redrawPositions(positions: Iterable<number>): void {
    const changed = new Set<number>();
    for (const position of positions) changed.add(Math.floor(position / this.#shape.columns));
    for (const row of this.#rows) if (changed.has(row.row)) this.#paint(row);
  }

  /** The rows that are drawn: `[first, end)`. */
  get drawn(): [number, number] {
    return [this.#first, this.#end];
  }

  dispose(): void {
    for (const { canvas } of this.#rows) canvas.remove();
    this.#rows = [];
  }

  #makeRow(): Row {
    const canvas = document.createElement('canvas');
    canvas.className = 'tile-row';
    canvas.height = TILE_PX;
    this.#host.append(canvas);
    return { canvas, context: canvas.getContext('2d')!, row: -1 };
  }

  #place(row: Row, at: number): void {
    row.row = at;
    row.canvas.hidden = false;
    row.canvas.style.transform = `translateY(${at * PITCH_PX}px)`;
    const width = gridWidth(this.#shape);
    if (row.canvas.width !== width) row.canvas.width = width;
    this.#paint(row);
  }

  #paint({ row, context }: Row): void {
    const { columns, count } = this.#shape;
    context.clearRect(0, 0, gridWidth(this.#shape), TILE_PX);
    context.fillStyle = this.#well;
    for (let column = 0; column < columns; column++) {
      const position = row * columns + column;
      if (position >= count) break;
      const image = this.#imageAt(position);
      if (image) {
        writeRgba(image, this.#pixels.data);
        context.putImageData(this.#pixels, column * PITCH_PX, 0);
      } else context.fillRect(column * PITCH_PX, 0, TILE_PX, TILE_PX);
    }
  }
}
