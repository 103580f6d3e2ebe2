import type { Colour } from '../pictures/picture.ts';
import { PAPER } from './colours.ts';
import type { Mark } from './drawing.ts';
import { textWidth } from './fonts.ts';
import { fitText, label, LABELS, type Block } from './layout.ts';
import { linearScale, type Scale } from './scales.ts';

/** Values at one place of a line: several measurements of the same. */
export interface PlotPoint {
  readonly x: number;
  readonly values: readonly number[];
}

/** A line of a plot. */
export interface PlotLine {
  readonly colour: Colour;
  /** From left to right. */
  readonly points: readonly PlotPoint[];
  /** Values that do not depend on x: a level all the way across. */
  readonly level: readonly number[];
  /** What a level is drawn with, so that levels that lie together are told apart. */
  readonly dash: readonly number[];
}

/** What a plot shows. */
export interface PlotPanel {
  readonly title: string;
  /** Beside the title, such as `nats`. */
  readonly note: string;
  readonly lines: readonly PlotLine[];
  /** Undefined where nothing depends on it. */
  readonly x: { readonly scale: Scale; readonly title: string } | undefined;
  /** A dashed grey line below the others, from left to right; none if left out. */
  readonly reference?: readonly (readonly [x: number, y: number])[] | undefined;
}

const HEAD_PT = 14;
const FOOT_PT = 22;
const GUTTER_PT = 26;
const RIGHT_PT = 4;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A tick as people write it: `0.05`, `1,200`. */
export function tickText(value: number): string {
  return value
    .toLocaleString('en-US', { maximumSignificantDigits: 6, useGrouping: Math.abs(value) >= 10_000 })
    .replace('-', '−');
}

/** Ticks from the left whose texts do not touch. */
function legible(scale: Scale, width: number): number[] {
  let free = -Infinity;
  return scale.ticks.filter((tick) => {
    const half = textWidth(tickText(tick), LABELS.small) / 2;
    const x = scale.at(tick) * width;
    if (x - half < free) return false;
    free = x + half + 3;
    return true;
  });
}

function markLine(line: PlotLine, px: (x: number) => number, py: (y: number) => number): Mark[] {
  const points = line.points.filter(({ values }) => values.length > 0);
  const at = (pick: (values: readonly number[]) => number) =>
    points.map(({ x, values }) => [px(x), py(pick(values))] as const);
  const low = at((values) => Math.min(...values));
  const high = at((values) => Math.max(...values));
  const hasSpread = points.length > 1 && points.some(({ values }) => values.length > 1);
  const band: Mark[] = hasSpread
    ? [
        {
          kind: 'path',
          points: [...low, ...high.toReversed()],
          fill: { colour: line.colour, opacity: 0.14 },
        },
      ]
    : [];
  const middle: Mark[] =
    points.length > 1
      ? [{ kind: 'path', points: at(mean), stroke: { colour: line.colour, width: 1.25 } }]
      : [];
  const discs = points.flatMap(({ x, values }) =>
    values.map((value): Mark => ({
      ...{ kind: 'disc', x: px(x), y: py(value), colour: line.colour },
      radius: points.length > 1 ? 1.4 : 1.9,
    })),
  );
  return [...band, ...middle, ...discs];
}

function markLevel({ level, colour, dash }: PlotLine, width: number, py: (y: number) => number): Mark[] {
  if (level.length === 0) return [];
  const across = (value: number) => [[0, py(value)] as const, [width, py(value)] as const] as const;
  const band = [...across(Math.min(...level)), ...across(Math.max(...level)).toReversed()];
  return [
    ...(level.length > 1 ? [{ kind: 'path', points: band, fill: { colour, opacity: 0.1 } } as const] : []),
    { kind: 'path', points: across(mean(level)), stroke: { colour, width: 1, dash } },
  ];
}

/** Lays out lines with their spread in axes, with a title above. */
export function layoutPlot(
  { title, note, lines, x, reference = [] }: PlotPanel,
  width: number,
  height: number,
): Block {
  const values = [
    ...lines.flatMap(({ points, level }) => [...points.flatMap((point) => point.values), ...level]),
    ...reference.map(([, value]) => value),
  ];
  const y = linearScale(values);
  const [left, top] = [GUTTER_PT, HEAD_PT];
  const [w, h] = [width - GUTTER_PT - RIGHT_PT, height - HEAD_PT - FOOT_PT];
  const px = (value: number): number => left + (x ? x.scale.at(value) * w : 0);
  const py = (value: number): number => top + (1 - y.at(value)) * h;
  const head = fitText(title, width - (note ? 30 : 0), LABELS.strong);
  const marks: Mark[] = [label(head, left, 8, LABELS.strong)];
  if (note) {
    const beside = left + textWidth(head, LABELS.strong) + 4;
    marks.push(label(note, beside, 8, LABELS.small));
  }
  for (const tick of y.ticks) {
    const at = py(tick);
    const isAxis = tick === y.ticks[0];
    marks.push(
      {
        kind: 'path',
        points: [
          [left, at],
          [left + w, at],
        ],
        stroke: { colour: isAxis ? PAPER.secondary : PAPER.line, width: isAxis ? 0.75 : 0.4 },
      },
      label(tickText(tick), left - 4, at + 2.3, LABELS.small, 'right'),
    );
  }
  if (x) {
    for (const tick of legible(x.scale, w)) {
      const at = px(tick);
      marks.push(
        {
          kind: 'path',
          points: [
            [at, top + h],
            [at, top + h + 2],
          ],
          stroke: { colour: PAPER.secondary, width: 0.75 },
        },
        label(tickText(tick), at, top + h + 9.5, LABELS.small, 'middle'),
      );
    }
    marks.push(label(x.title, left + w / 2, top + h + 19, LABELS.plain, 'middle'));
  }
  if (reference.length > 1) {
    const points = reference.map(([ax, ay]) => [px(ax), py(ay)] as const);
    marks.push({ kind: 'path', points, stroke: { colour: PAPER.secondary, width: 0.6, dash: [2, 2] } });
  }
  for (const line of lines) {
    const levels = markLevel(line, w, py).map((mark): Mark =>
      mark.kind === 'path'
        ? { ...mark, points: mark.points.map(([ax, ay]) => [ax + left, ay] as const) }
        : mark,
    );
    marks.push(...levels, ...markLine(line, px, py));
  }
  return { marks, width, height };
}
