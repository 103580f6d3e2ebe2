import { CATEGORIES, PAPER } from '../src/engine/figures/colours.ts';
import { moved, type Mark } from '../src/engine/figures/drawing.ts';
import { writeFigures } from '../src/engine/figures/figure-files.ts';
import { textWidth } from '../src/engine/figures/fonts.ts';
import { composeFigure, CONTENT_WIDTH_PT, label, LABELS } from '../src/engine/figures/layout.ts';
import { layoutPlot, type PlotLine } from '../src/engine/figures/plot-panel.ts';
import { linearScale } from '../src/engine/figures/scales.ts';

/** MIG of one run along its training. */
interface Curve {
  readonly title: string;
  readonly points: readonly {
    readonly images: number;
    readonly mig: number;
    readonly migWithoutShape: number;
  }[];
}

const GAP_PT = 16;
const HEIGHT_PT = 190;
const LEGEND_PT = 20;
const DASH = [4, 2.5];

/** The models of the legend, and the dashed line. */
function legend(titles: readonly string[], published: string): Mark[] {
  const entries = [
    ...titles.map((title, i) => ({
      title,
      stroke: { colour: CATEGORIES[i % CATEGORIES.length]!, width: 1.5 },
    })),
    { title: published, stroke: { colour: PAPER.secondary, width: 1, dash: DASH } },
  ];
  let x = 0;
  return entries.flatMap(({ title, stroke }): Mark[] => {
    const left = x;
    x += 18 + textWidth(title, LABELS.plain) + 14;
    const points = [
      [left, 5],
      [left + 14, 5],
    ] as const;
    return [{ kind: 'path', points, stroke }, label(title, left + 18, 7.5, LABELS.plain)];
  });
}

/**
 * Draws MIG against the images seen, with all factors and without shape: a line for each run, in its model's colour.
 *
 * @param argv - the curves and the published value as JSON, and the folder for the files
 */
export async function main([json = '', out = '']: string[]): Promise<number> {
  const { curves, published } = JSON.parse(json) as { curves: readonly Curve[]; published: number };
  const titles = [...new Set(curves.map(({ title }) => title))];
  const most = Math.max(...curves.flatMap(({ points }) => points.map(({ images }) => images / 1e6)));
  const x = { scale: linearScale([0, most], 6), title: 'million images seen' };
  const width = (CONTENT_WIDTH_PT - GAP_PT) / 2;
  const panelOf = (title: string, key: 'mig' | 'migWithoutShape', level: readonly number[]) => {
    const lines = curves.map((curve): PlotLine => ({
      colour: CATEGORIES[titles.indexOf(curve.title) % CATEGORIES.length]!,
      points: curve.points.map((point) => ({ x: point.images / 1e6, values: [point[key]] })),
      level: [],
      dash: [],
    }));
    const dashed: PlotLine = { colour: PAPER.secondary, points: [], level, dash: DASH };
    return layoutPlot({ title, note: '', lines: [dashed, ...lines], x }, width, HEIGHT_PT);
  };
  const left = panelOf('MIG', 'mig', []);
  const right = panelOf('MIG without shape', 'migWithoutShape', [published]);
  const marks = [
    ...legend(titles, `β-TCVAE as published, ${published}`),
    ...moved(left.marks, 0, LEGEND_PT),
    ...moved(right.marks, width + GAP_PT, LEGEND_PT),
  ];
  const drawing = composeFigure(
    { marks, width: CONTENT_WIDTH_PT, height: LEGEND_PT + HEIGHT_PT },
    {
      number: 1,
      title: 'MIG against images seen',
      caption: [
        'MIG on sprites along the training. Each line is one run, each point a checkpoint; a run of which only one checkpoint was measured is a single point. Chen et al. leave shape out of MIG, as the plot at the right does.',
      ],
    },
  );
  await writeFigures(out, [{ name: 'mig-against-images', drawing }]);
  return 0;
}
