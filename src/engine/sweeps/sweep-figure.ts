import type { Colour } from '../pictures/picture.ts';
import { CATEGORIES } from '../figures/colours.ts';
import { moved, type Mark } from '../figures/drawing.ts';
import { textWidth } from '../figures/fonts.ts';
import { composeFigure, CONTENT_WIDTH_PT, counted, label, LABELS, type Block } from '../figures/layout.ts';
import type { Span } from '../figures/paragraph.ts';
import { layoutPlot, type PlotLine, type PlotPanel } from '../figures/plot-panel.ts';
import type { Figure } from '../figures/render-figures.ts';
import { valueScale } from '../figures/scales.ts';
import { enoughDimensions, LATENT_AXIS } from './enough-dimensions.ts';
import { againstTitle, seriesOf, type Series } from './series.ts';
import { BETA } from './sweep-file.ts';
import {
  columnsOf,
  groupTrials,
  valuesOf,
  type MeasureColumn,
  type TrialGroup,
  type TrialResult,
} from './trial-result.ts';

/** What the file of the plots of active dimensions, error and KL against the latent size is called without its ending. */
export const DIMENSIONS_FIGURE = 'dimensions';
/** What the plots of the question how many dimensions show. */
const DIMENSION_KEYS = ['activeDimensions', 'heldOutReconstruction', 'heldOutKl'];

const ACROSS = 3;
const GAP_PT = 12;
const PANEL_HEIGHT_PT = 120;
const LEGEND_PT = 18;
const DASHES = [
  [3, 2],
  [1, 1.5],
  [6, 1.5, 1, 1.5],
  [8, 3],
] as const;

/** A line of all plots. */
interface Line extends Series {
  readonly colour: Colour;
  readonly dash: readonly number[];
}

/** Colours are given again where there are more lines than colours. */
function linesOf(groups: readonly TrialGroup[], against: string): Line[] {
  return seriesOf(groups, against).map((series, i) => ({
    ...series,
    colour: CATEGORIES[i % CATEGORIES.length]!,
    dash: DASHES[i % DASHES.length]!,
  }));
}

function plotLine({ colour, dash, points }: Line, key: string): PlotLine {
  return {
    ...{ colour, dash },
    points: points.flatMap(({ x, group }) => (x === null ? [] : [{ x, values: valuesOf(group, key) }])),
    level: points.flatMap(({ x, group }) => (x === null ? valuesOf(group, key) : [])),
  };
}

/** Names the lines, from left to right and down. */
function legend(lines: readonly Line[]): Block {
  const marks: Mark[] = [];
  let [x, y] = [0, 0];
  for (const { title, colour, dash, points } of lines) {
    const width = 18 + textWidth(title, LABELS.plain);
    if (x > 0 && x + width > CONTENT_WIDTH_PT) [x, y] = [0, y + 11];
    const isLevel = points.every((point) => point.x === null);
    const stroke = isLevel ? { colour, width: 1, dash } : { colour, width: 1.5 };
    marks.push(
      {
        kind: 'path',
        points: [
          [x, y + 5],
          [x + 14, y + 5],
        ],
        stroke,
      },
      label(title, x + 18, y + 7.5, LABELS.plain),
    );
    x += width + 14;
  }
  return { marks, width: CONTENT_WIDTH_PT, height: y + LEGEND_PT };
}

function spreadWords(lines: readonly Line[]): string {
  const seeds = Math.max(...lines.flatMap(({ points }) => points.map(({ group }) => group.results.length)));
  return seeds > 1
    ? ` Points are seeds, ${counted(seeds, 'seed').replace(/ seeds$/, '')} of each model; lines are their means, and bands reach from the lowest to the highest.`
    : ' One seed of each model.';
}

function caption(lines: readonly Line[], against: string, dataset: string): Span[] {
  const points = lines.flatMap((line) => line.points);
  const title = againstTitle(against);
  return [
    ...(points.some(({ x }) => x !== null)
      ? ['What was measured against ', against === BETA ? ({ text: title, italic: true } as const) : title]
      : ['What was measured']),
    `, on ${dataset}.`,
    spreadWords(lines),
    ...(points.some(({ x }) => x === null) ? [' Dashed: models without such a weight.'] : []),
  ];
}

/** A plot for each measure, in rows below the legend. */
function panels(
  lines: readonly Line[],
  columns: readonly MeasureColumn[],
  against: string,
  reference: (key: string, values: readonly number[]) => PlotPanel['reference'] = () => undefined,
): Block {
  const values = lines.flatMap(({ points }) => points.flatMap(({ x }) => x ?? []));
  const x = values.length ? { scale: valueScale(values), title: againstTitle(against) } : undefined;
  const across = Math.min(ACROSS, columns.length);
  const width = (CONTENT_WIDTH_PT + GAP_PT) / ACROSS - GAP_PT;
  const head = legend(lines);
  const marks: Mark[] = [...head.marks];
  columns.forEach(({ key, title, unit }, i) => {
    const own = lines
      .map((line) => plotLine(line, key))
      .filter((line) => line.level.length > 0 || line.points.some((point) => point.values.length > 0));
    const note = unit === 'nats' ? 'nats' : '';
    const panel = layoutPlot(
      { title, note, lines: own, x, reference: reference(key, values) },
      width,
      PANEL_HEIGHT_PT,
    );
    const [column, row] = [i % across, Math.floor(i / across)];
    marks.push(
      ...moved(panel.marks, column * (width + GAP_PT), head.height + row * (PANEL_HEIGHT_PT + GAP_PT)),
    );
  });
  const rows = Math.ceil(columns.length / across);
  return {
    marks,
    width: CONTENT_WIDTH_PT,
    height: head.height + rows * (PANEL_HEIGHT_PT + GAP_PT) - GAP_PT,
  };
}

/** `metrics-against-latent-dim`: what the files of the plots are called without their endings. */
function fileName(against: string): string {
  const name = against.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('.', '-');
  return `metrics-against-${name}`;
}

/**
 * Everything that a sweep measured, each in a plot of its own against β or an axis of numbers, with a line for each model
 * and the seeds' spread.
 *
 * @returns undefined where nothing was measured
 */
export function sweepFigure(
  results: readonly TrialResult[],
  dataset: string,
  against = BETA,
): Figure | undefined {
  const columns = columnsOf(results);
  if (columns.length === 0) return undefined;
  const lines = linesOf(groupTrials(results), against);
  return {
    name: fileName(against),
    drawing: composeFigure(panels(lines, columns, against), {
      ...{ number: 1, title: `Metrics against ${againstTitle(against)}` },
      caption: caption(lines, against, dataset),
    }),
  };
}

/**
 * How many dimensions: active dimensions, held-out error and KL against the latent size, with a line for each model.
 *
 * @returns undefined where no model was trained with several latent sizes
 */
export function dimensionsFigure(results: readonly TrialResult[], dataset: string): Figure | undefined {
  if (enoughDimensions(results).length === 0) return undefined;
  const lines = linesOf(groupTrials(results), LATENT_AXIS);
  const measured = columnsOf(results);
  const columns = DIMENSION_KEYS.flatMap((key) => measured.find((column) => column.key === key) ?? []);
  /** As many active dimensions as there are. */
  const all = (key: string, sizes: readonly number[]): PlotPanel['reference'] =>
    key === 'activeDimensions'
      ? [...new Set(sizes)].sort((a, b) => a - b).map((size) => [size, size])
      : undefined;
  return {
    name: DIMENSIONS_FIGURE,
    drawing: composeFigure(panels(lines, columns, LATENT_AXIS, all), {
      ...{ number: 2, title: 'How many dimensions' },
      caption: [
        `Active dimensions, squared error and KL of held-out images against the number of latent dimensions, on ${dataset}.`,
        `${spreadWords(lines)} Grey and dashed: every dimension is active.`,
      ],
    }),
  };
}
