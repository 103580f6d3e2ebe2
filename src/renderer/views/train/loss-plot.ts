import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { spreadLabels } from '../../components/spread-labels.ts';
import { epochTicks, tickText, ticksWidth } from '../../components/ticks.ts';
import type { Palette } from '../../theme/tokens.ts';
import { alignCurves, decades, type Curve } from './curves.ts';

const FONT = '11px "Inter Variable", system-ui, sans-serif';
/** Where the names of the curves stand: wider for one of more letters than fit. */
const LABELS_PX = 72;
const WIDE_LABELS_PX = 88;
const MOST_LETTERS = 11;
const LABEL_APART_PX = 14;
/** Above the plot, where the names of marks stand. */
const MARK_NAMES_PX = 18;
/** Between the numbers of the vertical axis and the plot. */
const AXIS_GAP_PX = 8;
const LEAST_AXIS_PX = 40;

/** The plot of a run's curves: logarithmic, each named where it ends. {@link dispose} it. */
export class LossPlot {
  readonly #host: HTMLElement;
  readonly #epochs: number;
  readonly #palette: Palette;
  #plot: uPlot | undefined;
  #curves: readonly Curve[] = [];
  /** Where the training was continued, in epochs. */
  #marks: readonly number[] = [];
  #size = { width: 0, height: 0 };

  /** @param epochs - that the run will have: the end of the axis */
  constructor(host: HTMLElement, epochs: number, palette: Palette) {
    this.#host = host;
    this.#epochs = epochs;
    this.#palette = palette;
  }

  resize(width: number, height: number): void {
    this.#size = { width, height };
    if (this.#plot) this.#plot.setSize(this.#size);
    else this.#make();
  }

  /** @param marks - where the training was continued with a change, in epochs */
  show(curves: readonly Curve[], marks: readonly number[]): void {
    const isSame =
      marks.length === this.#marks.length &&
      curves.length === this.#curves.length &&
      curves.every(({ name }, i) => name === this.#curves[i]!.name);
    this.#curves = curves;
    this.#marks = marks;
    if (isSame && this.#plot) this.#plot.setData(alignCurves(curves));
    else {
      this.#plot?.destroy();
      this.#plot = undefined;
      this.#make();
    }
  }

  dispose(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #colour({ tone }: Curve): string {
    const { ink, ctl, categories } = this.#palette;
    if (tone === 'ink') return ink;
    return tone === 'grey' ? ctl : categories[tone]!;
  }

  #make(): void {
    if (this.#size.width === 0) return;
    const { line, ink2 } = this.#palette;
    const axis = { stroke: ink2, font: FONT, ticks: { show: false } };
    const options: uPlot.Options = {
      ...this.#size,
      padding: [this.#marks.length > 0 ? MARK_NAMES_PX : 8, labelsWidth(this.#curves), 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [0, this.#epochs] },
        // Logarithms are drawn, on a plain scale.
        y: { range: () => decades(this.#curves) },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 6,
          grid: { show: false },
          splits: () => {
            const ends = epochTicks(this.#epochs, 4).map((tick) => tick - 1 + step(this.#epochs));
            return [0, ...ends.filter((end) => end <= this.#epochs)];
          },
          values: (_plot, splits) => splits.map((split) => (split === 0 ? 'epoch 0' : String(split))),
        },
        {
          ...axis,
          // As wide as the longest text: of a fixed width, `10,000` lost its first digit and looked like `0,000`.
          size: (_plot, texts: readonly string[] | null) =>
            Math.max(LEAST_AXIS_PX, AXIS_GAP_PX + ticksWidth(texts ?? [])),
          gap: AXIS_GAP_PX,
          grid: { stroke: line, width: 1 },
          splits: (_plot, _axis, min, max) => wholeNumbers(min, max),
          values: (_plot, splits) => splits.map((power) => tickText(10 ** power)),
        },
      ],
      series: [{}, ...this.#curves.map((curve) => this.#series(curve))],
      hooks: {
        drawClear: [(plot) => this.#drawMarks(plot)],
        draw: [(plot) => this.#nameCurves(plot)],
      },
    };
    this.#plot = new uPlot(options, alignCurves(this.#curves), this.#host);
  }

  #series(curve: Curve): uPlot.Series {
    const isQuiet = curve.per === 'step';
    return {
      stroke: this.#colour(curve),
      width: isQuiet ? 1 : 1.5,
      alpha: isQuiet ? 0.7 : 1,
      spanGaps: true,
      points: { show: curve.per === 'epoch' && curve.points.length === 1, size: 4 },
    };
  }

  /** A dashed line where the training was continued, below the curves. */
  #drawMarks(plot: uPlot): void {
    const { ctx } = plot;
    const ratio = devicePixelRatio;
    const { top, height } = plot.bbox;
    ctx.save();
    ctx.strokeStyle = this.#palette.ctl;
    ctx.fillStyle = this.#palette.ink2;
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.font = FONT.replace('11px', `${11 * ratio}px`);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'bottom';
    const text = 'continued';
    const widthPx = ctx.measureText(text).width + 6 * ratio;
    let named = Number.NEGATIVE_INFINITY;
    for (const mark of this.#marks) {
      const x = plot.valToPos(mark, 'x', true);
      ctx.beginPath();
      ctx.moveTo(x, top);
      ctx.lineTo(x, top + height);
      ctx.stroke();
      // One name is enough for lines whose names would lie on each other.
      if (x - named < widthPx) continue;
      named = x;
      ctx.fillText(text, x, top - 3 * ratio);
    }
    ctx.restore();
  }

  /** A dot where each curve ends, and its name beside it. */
  #nameCurves(plot: uPlot): void {
    const { ctx } = plot;
    const ratio = devicePixelRatio;
    const ends = this.#curves.flatMap((curve) => {
      const end = curve.points.findLast(([, y]) => y > 0);
      return end
        ? [{ curve, x: plot.valToPos(end[0], 'x', true), y: plot.valToPos(Math.log10(end[1]), 'y', true) }]
        : [];
    });
    const { top, height } = plot.bbox;
    const tops = spreadLabels(
      ends.map(({ y }) => y),
      LABEL_APART_PX * ratio,
      top,
      top + height,
    );
    // Names stand in one column behind the furthest curve, so that none lies on another's line.
    const left = Math.max(...ends.map(({ x }) => x)) + 10 * ratio;
    ctx.save();
    ctx.font = FONT.replace('11px', `${11 * ratio}px`);
    ctx.textAlign = 'left';
    ctx.textBaseline = 'middle';
    ends.forEach(({ curve, x, y }, i) => {
      ctx.fillStyle = this.#colour(curve);
      if (curve.per === 'epoch') {
        ctx.beginPath();
        ctx.arc(x, y, 2.5 * ratio, 0, 2 * Math.PI);
        ctx.fill();
      }
      ctx.fillText(curve.name, left, tops[i]!);
    });
    ctx.restore();
  }
}

function labelsWidth(curves: readonly Curve[]): number {
  return curves.some(({ name }) => name.length > MOST_LETTERS) ? WIDE_LABELS_PX : LABELS_PX;
}

/** The distance of the ticks of the epochs' axis. */
function step(epochs: number): number {
  const [first = 1, second = first + epochs] = epochTicks(epochs, 4);
  return second - first;
}

function wholeNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.round(to - from) + 1 }, (_, i) => Math.round(from) + i);
}
