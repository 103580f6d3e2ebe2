import type { Palette } from '../theme/tokens.ts';

const FONT = "'Inter Variable', system-ui, sans-serif";

type LabelKind = 'axis' | 'ring' | 'pinned' | 'second' | 'live';

const KINDS: Readonly<
  Record<LabelKind, { readonly font: string; readonly ink: 'ink' | 'ink2' | 'ink3' | 'accent' }>
> = {
  axis: { font: `400 11px ${FONT}`, ink: 'ink2' },
  ring: { font: `400 11px ${FONT}`, ink: 'ink3' },
  pinned: { font: `600 11px ${FONT}`, ink: 'ink' },
  second: { font: `500 11px ${FONT}`, ink: 'ink2' },
  live: { font: `600 11px ${FONT}`, ink: 'accent' },
};

/** Writes small names over the points, each with an edge of the ground's colour so that it can be read there. */
export class LabelPainter {
  readonly #context: CanvasRenderingContext2D;
  #palette: Palette;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  /** The width of a name, pixels. */
  widthOf(text: string, kind: LabelKind): number {
    this.#context.font = KINDS[kind].font;
    return this.#context.measureText(text).width;
  }

  /** @param align - which part of the text is at x */
  write(text: string, x: number, y: number, kind: LabelKind, align: CanvasTextAlign = 'center'): void {
    const context = this.#context;
    const { font, ink } = KINDS[kind];
    context.font = font;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    context.lineWidth = 4;
    context.strokeStyle = this.#palette.canvas;
    context.strokeText(text, x, y);
    context.fillStyle = this.#palette[ink];
    context.fillText(text, x, y);
  }
}
