import type { Palette } from '../theme/tokens.ts';

const FONT_PX = 11;
const FONT = "'Inter Variable', system-ui, sans-serif";

/** Behind the name of an axis, which may stand over images: its opacity, and its edge beyond the text, pixels. */
const PLATE = { opacity: 0.85, edge: 3, height: 16 };

type LabelKind = 'axis' | 'ring' | 'pinned' | 'second' | 'live';

const KINDS: Readonly<
  Record<LabelKind, { readonly weight: number; readonly ink: 'ink' | 'ink2' | 'ink3' | 'accent' }>
> = {
  axis: { weight: 400, ink: 'ink2' },
  ring: { weight: 400, ink: 'ink3' },
  pinned: { weight: 600, ink: 'ink' },
  second: { weight: 500, ink: 'ink2' },
  live: { weight: 600, ink: 'accent' },
};

/** Which part of a text is at x, and how much of its width lies left of that. */
const PART_LEFT_OF_X = { left: 0, center: 0.5, right: 1 } as const;
type Align = keyof typeof PART_LEFT_OF_X;

/** Writes small names over the points, each with an edge of the ground's colour so that it can be read there. */
export class LabelPainter {
  readonly #context: CanvasRenderingContext2D;
  #palette: Palette;
  #scale = 1;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
  }

  /** How much larger names are than usual. */
  setScale(scale: number): void {
    this.#scale = scale;
  }

  /** The width of a name, pixels. */
  widthOf(text: string, kind: LabelKind): number {
    this.#context.font = this.#fontOf(kind);
    return this.#context.measureText(text).width;
  }

  /** @param align - which part of the text is at x */
  write(text: string, x: number, y: number, kind: LabelKind, align: Align = 'center'): void {
    const context = this.#context;
    const { ink } = KINDS[kind];
    context.font = this.#fontOf(kind);
    context.textAlign = align;
    context.textBaseline = 'middle';
    if (kind === 'axis') this.#fillPlate(x, y, context.measureText(text).width, align);
    context.lineJoin = 'round';
    context.lineWidth = 4 * this.#scale;
    context.strokeStyle = this.#palette.canvas;
    context.strokeText(text, x, y);
    context.fillStyle = this.#palette[ink];
    context.fillText(text, x, y);
  }

  #fillPlate(x: number, y: number, width: number, align: Align): void {
    const context = this.#context;
    const left = x - width * PART_LEFT_OF_X[align];
    const height = PLATE.height * this.#scale;
    context.save();
    context.globalAlpha *= PLATE.opacity;
    context.fillStyle = this.#palette.canvas;
    context.fillRect(left - PLATE.edge, y - height / 2, width + 2 * PLATE.edge, height);
    context.restore();
  }

  #fontOf(kind: LabelKind): string {
    return `${KINDS[kind].weight} ${FONT_PX * this.#scale}px ${FONT}`;
  }
}
