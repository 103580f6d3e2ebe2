import type { Colour } from '../pictures/picture.ts';
import { CATEGORIES } from '../figures/colours.ts';
import { moved, type Mark } from '../figures/drawing.ts';
import { textWidth } from '../figures/fonts.ts';
import { composeFigure, CONTENT_WIDTH_PT, counted, label, LABELS, type Block } from '../figures/layout.ts';
import type { Span } from '../figures/paragraph.ts';
import { layoutPlot, type PlotLine } from '../figures/plot-panel.ts';
import type { Figure } from '../figures/render-figures.ts';
import { valueScale } from '../figures/scales.ts';
import { columnsOf, groupTrials, valuesOf, type TrialGroup, type TrialResult } from './trial-result.ts';

/** What the files of the plots are called without their endings. */
export const SWEEP_FIGURE = 'metrics-against-beta';

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

interface Model {
  readonly title: string;
  readonly colour: Colour;
  readonly dash: readonly number[];
  readonly groups: readonly TrialGroup[];
}

/** Colours are given again where there are more models than colours. */
function modelsOf(groups: readonly TrialGroup[]): Model[] {
  const titles = [...new Set(groups.map(({ model }) => model))];
  return titles.map((title, i) => ({
    title,
    colour: CATEGORIES[i % CATEGORIES.length]!,
    dash: DASHES[i % DASHES.length]!,
    groups: groups.filter(({ model }) => model === title),
  }));
}

function lineOf({ colour, dash, groups }: Model, key: string): PlotLine {
  return {
    ...{ colour, dash },
    points: groups.flatMap((group) =>
      group.beta === null ? [] : [{ x: group.beta, values: valuesOf(group, key) }],
    ),
    level: groups.flatMap((group) => (group.beta === null ? valuesOf(group, key) : [])),
  };
}

/** Names the lines, from left to right and down. */
function legend(models: readonly Model[]): Block {
  const marks: Mark[] = [];
  let [x, y] = [0, 0];
  for (const { title, colour, dash, groups } of models) {
    const width = 18 + textWidth(title, LABELS.plain);
    if (x > 0 && x + width > CONTENT_WIDTH_PT) [x, y] = [0, y + 11];
    const isLevel = groups.every(({ beta }) => beta === null);
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

function caption(groups: readonly TrialGroup[], dataset: string): Span[] {
  const seeds = Math.max(...groups.map(({ results }) => results.length));
  const hasLevels = groups.some(({ beta }) => beta === null);
  const hasBetas = groups.some(({ beta }) => beta !== null);
  const spread =
    seeds > 1
      ? ` Points are seeds, ${counted(seeds, 'seed').replace(/ seeds$/, '')} of each model; lines are their means, and bands reach from the lowest to the highest.`
      : ' One seed of each model.';
  return [
    hasBetas ? 'What was measured against ' : 'What was measured',
    ...(hasBetas ? [{ text: 'β', italic: true } as const] : []),
    `, on ${dataset}.`,
    spread,
    ...(hasLevels ? [' Dashed: models without such a weight.'] : []),
  ];
}

/**
 * Everything that a sweep measured, each in a plot of its own against β, with a line for each model and the seeds' spread.
 *
 * @returns undefined where nothing was measured
 */
export function sweepFigure(results: readonly TrialResult[], dataset: string): Figure | undefined {
  const groups = groupTrials(results);
  const columns = columnsOf(results);
  if (columns.length === 0) return undefined;
  const models = modelsOf(groups);
  const betas = groups.flatMap(({ beta }) => beta ?? []);
  const x = betas.length ? { scale: valueScale(betas), title: 'β' } : undefined;
  const across = Math.min(ACROSS, columns.length);
  const width = (CONTENT_WIDTH_PT + GAP_PT) / ACROSS - GAP_PT;
  const head = legend(models);
  const marks: Mark[] = [...head.marks];
  columns.forEach(({ key, title, unit }, i) => {
    const lines = models
      .map((model) => lineOf(model, key))
      .filter(({ points, level }) => level.length > 0 || points.some(({ values }) => values.length > 0));
    const note = unit === 'nats' ? 'nats' : '';
    const panel = layoutPlot({ title, note, lines, x }, width, PANEL_HEIGHT_PT);
    const [column, row] = [i % across, Math.floor(i / across)];
    marks.push(
      ...moved(panel.marks, column * (width + GAP_PT), head.height + row * (PANEL_HEIGHT_PT + GAP_PT)),
    );
  });
  const rows = Math.ceil(columns.length / across);
  return {
    name: SWEEP_FIGURE,
    drawing: composeFigure(
      {
        marks,
        width: CONTENT_WIDTH_PT,
        height: head.height + rows * (PANEL_HEIGHT_PT + GAP_PT) - GAP_PT,
      },
      { number: 1, title: 'Metrics against β', caption: caption(groups, dataset) },
    ),
  };
}
