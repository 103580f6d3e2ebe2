import { mix, type Colour } from './palette.ts';
import { clamp01, type Shape } from './shapes.ts';

/** A colour or a vertical gradient between two colours. */
export type Fill = Colour | VerticalGradient;

/** The first colour above `fromY`, the second below `toY`, linear between. */
export interface VerticalGradient {
  readonly from: Colour;
  readonly to: Colour;
  readonly fromY: number;
  readonly toY: number;
}

/** Options for painting a layer. */
export interface LayerOptions {
  /** From 0 (invisible) to 1 (opaque, the default). */
  readonly opacity?: number;
  /** Width in units over which the edge fades; at least one pixel. */
  readonly softness?: number;
  /** Limits where the layer paints. The softness does not apply to the mask's edge. */
  readonly clip?: Mask;
}

/** The coverage of each pixel by a shape, made by {@link Canvas.mask}, for shapes that clip several layers. */
export interface Mask {
  readonly region: Region;
  /** 0 to 1, `[sizePx, sizePx]`, unset outside the region. */
  readonly coverage: Float32Array;
}

/** Columns and rows, first and last of each included. */
interface Region {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * A square RGB picture painted back to front with anti-aliased shapes.
 *
 * Coordinates are in the units of the current frame and do not depend on the size in pixels, so that one
 * description can be drawn at any resolution. The coverage of a pixel is computed from the signed distance at its
 * centre divided by its width.
 */
export class Canvas {
  readonly sizePx: number;
  readonly #units: number;
  readonly #rgb: Float32Array;
  /** The masks' memory, which is reused for every picture. */
  readonly #masks: Float32Array[] = [];
  #masksUsed = 0;
  #originX = 0;
  #originY = 0;
  #scale = 1;

  /**
   * @param sizePx - width and height in pixels
   * @param units - width and height of the same square in drawing units
   */
  constructor(sizePx: number, units: number) {
    this.sizePx = sizePx;
    this.#units = units;
    this.#rgb = new Float32Array(sizePx * sizePx * 3);
  }

  /** Sets the coordinates of the following shapes: their origin at (x, y) of the whole square, and their scale. */
  setFrame(x: number, y: number, scale: number): void {
    this.#originX = x;
    this.#originY = y;
    this.#scale = scale;
  }

  /** Begins a picture with a gradient from the top's colour to the bottom's. */
  fillBackground(top: Colour, bottom: Colour): void {
    const rgb = this.#rgb;
    const size = this.sizePx;
    this.#masksUsed = 0;
    for (let row = 0, at = 0; row < size; row++) {
      const [r, g, b] = mix(top, bottom, (row + 0.5) / size);
      for (let column = 0; column < size; column++) {
        rgb[at++] = r;
        rgb[at++] = g;
        rgb[at++] = b;
      }
    }
  }

  /** Computes a shape's coverage in the current frame. The mask is valid until the next background. */
  mask(shape: Shape): Mask {
    const step = this.#step();
    const region = this.#regionOf(shape, step);
    const { x0, y0 } = this.#firstCentre();
    const coverage = (this.#masks[this.#masksUsed++] ??= new Float32Array(this.sizePx * this.sizePx));
    for (let row = region.top; row <= region.bottom; row++) {
      for (let column = region.left; column <= region.right; column++) {
        const inside = 0.5 - shape.distance(x0 + column * step, y0 + row * step) / step;
        coverage[row * this.sizePx + column] = clamp01(inside);
      }
    }
    return { region, coverage };
  }

  /** Paints a shape over the picture. */
  paint(shape: Shape, fill: Fill, { opacity = 1, softness = 0, clip }: LayerOptions = {}): void {
    if (opacity <= 0) return;
    const step = this.#step();
    const edge = Math.max(step, softness);
    const region = overlap(this.#regionOf(shape, edge), clip?.region);
    const { x0, y0 } = this.#firstCentre();
    const { distance } = shape;
    for (let row = region.top; row <= region.bottom; row++) {
      const y = y0 + row * step;
      const colour = colourAt(fill, y);
      for (let column = region.left; column <= region.right; column++) {
        const at = row * this.sizePx + column;
        let alpha = opacity;
        if (clip) {
          alpha *= clip.coverage[at]!;
          if (alpha === 0) continue;
        }
        const inside = 0.5 - distance(x0 + column * step, y) / edge;
        if (inside <= 0) continue;
        if (inside < 1) alpha *= softness > step ? inside * inside * (3 - 2 * inside) : inside;
        this.#blend(at * 3, colour, alpha);
      }
    }
  }

  /** Paints the pixels that a mask covers. */
  paintMask({ region, coverage }: Mask, fill: Fill, opacity = 1): void {
    const step = this.#step();
    const { y0 } = this.#firstCentre();
    for (let row = region.top; row <= region.bottom; row++) {
      const colour = colourAt(fill, y0 + row * step);
      for (let column = region.left; column <= region.right; column++) {
        const at = row * this.sizePx + column;
        const alpha = coverage[at]! * opacity;
        if (alpha > 0) this.#blend(at * 3, colour, alpha);
      }
    }
  }

  /** Writes the picture as bytes, `[sizePx, sizePx, 3]`, into the array given. */
  writeTo(into: Uint8Array): void {
    const rgb = this.#rgb;
    for (let at = 0; at < rgb.length; at++) into[at] = Math.floor(rgb[at]! + 0.5);
  }

  #blend(at: number, colour: Colour, alpha: number): void {
    const rgb = this.#rgb;
    rgb[at]! += (colour[0] - rgb[at]!) * alpha;
    rgb[at + 1]! += (colour[1] - rgb[at + 1]!) * alpha;
    rgb[at + 2]! += (colour[2] - rgb[at + 2]!) * alpha;
  }

  /** A pixel's width in the frame's units. */
  #step(): number {
    return this.#units / (this.sizePx * this.#scale);
  }

  /** The centre of the picture's first pixel in the frame's coordinates. */
  #firstCentre(): { x0: number; y0: number } {
    const half = (0.5 * this.#units) / this.sizePx;
    return { x0: (half - this.#originX) / this.#scale, y0: (half - this.#originY) / this.#scale };
  }

  /** The pixels whose centres are within half an edge's width of the shape's bounds. */
  #regionOf(shape: Shape, edge: number): Region {
    const step = this.#step();
    const { x0, y0 } = this.#firstCentre();
    const end = this.sizePx - 1;
    return {
      left: Math.max(0, Math.ceil((shape.minX - edge / 2 - x0) / step)),
      right: Math.min(end, Math.floor((shape.maxX + edge / 2 - x0) / step)),
      top: Math.max(0, Math.ceil((shape.minY - edge / 2 - y0) / step)),
      bottom: Math.min(end, Math.floor((shape.maxY + edge / 2 - y0) / step)),
    };
  }
}

function overlap(a: Region, b: Region = a): Region {
  return {
    left: Math.max(a.left, b.left),
    right: Math.min(a.right, b.right),
    top: Math.max(a.top, b.top),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

function colourAt(fill: Fill, y: number): Colour {
  if (!('from' in fill)) return fill;
  return mix(fill.from, fill.to, clamp01((y - fill.fromY) / (fill.toY - fill.fromY)));
}
