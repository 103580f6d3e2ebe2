import type { ExploreSheet } from '../../contract/figures.ts';
import type { Picture } from '../pictures/picture.ts';
import { moved, type Mark } from './drawing.ts';
import {
  areAxes,
  fitText,
  label,
  LABELS,
  OWN_LABEL,
  pictureGrid,
  signedOffset,
  spoken,
  stripAxis,
  TILE_GAP_PT,
  type Block,
} from './layout.ts';
import type { Span } from './paragraph.ts';

/** How a sheet of so many dimensions is laid out. */
export interface ExploreLayout {
  readonly columns: number;
  readonly steps: number;
  readonly tilePt: number;
  /** For the labels to the left of each strip. */
  readonly gutterPt: number;
}

const COLUMN_GAP_PT = 14;
const AXIS_PT = 9;

/** Few dimensions are drawn large, many in columns. */
export function exploreLayout(dimensions: number): ExploreLayout {
  if (dimensions <= 12) return { columns: 1, steps: 9, tilePt: 36, gutterPt: 84 };
  if (dimensions <= 48) return { columns: 2, steps: 7, tilePt: 24, gutterPt: 78 };
  return { columns: 3, steps: 5, tilePt: 24, gutterPt: 40 };
}

function rowLabels(
  row: ExploreSheet['dimensions'][number],
  x: number,
  top: number,
  layout: ExploreLayout,
): Mark[] {
  const { dimension, kl, name, bits, direction } = row;
  const room = layout.gutterPt - 4;
  const fit = (text: string, end?: string): string => fitText(text, room, LABELS.small, end);
  const below = [
    ...(kl === null ? [] : [fit(`${kl.toFixed(2)} nats`)]),
    ...(name === null ? [] : [fit(spoken(name), bits === null ? '' : `, ${bits.toFixed(2)} bits`)]),
  ];
  const first = top + layout.tilePt / 2 + 2.5 - below.length * 3.75;
  return [
    label(`${direction ? 'a' : 'z'}${dimension}`, x, first, LABELS.strong),
    ...below.map((text, i) => label(text, x, first + (i + 1) * 7.5, LABELS.small)),
  ];
}

/**
 * Every dimension of a model, a strip each, down the first column and then the next.
 *
 * @param strips - `[dimensions][steps]`
 */
export function layoutExplore(sheet: ExploreSheet, strips: readonly (readonly Picture[])[]): Block {
  const layout = exploreLayout(sheet.dimensions.length);
  const { columns, tilePt, gutterPt } = layout;
  const rows = Math.ceil(strips.length / columns);
  const strip = sheet.steps * tilePt;
  const step = tilePt + TILE_GAP_PT;
  const marks: Mark[] = [];
  for (let column = 0; column * rows < strips.length; column++) {
    const x = column * (gutterPt + strip + COLUMN_GAP_PT);
    const [from, to] = [column * rows, Math.min(strips.length, (column + 1) * rows)];
    marks.push(...stripAxis(sheet.range, x + gutterPt, 6, strip));
    const grid = pictureGrid(strips.slice(from, to), tilePt, { across: 0 });
    marks.push(...moved(grid.marks, x + gutterPt, AXIS_PT));
    sheet.dimensions.slice(from, to).forEach((row, r) => {
      marks.push(...rowLabels(row, x, AXIS_PT + r * step, layout));
    });
  }
  const used = Math.ceil(strips.length / rows);
  return {
    marks,
    width: used * (gutterPt + strip + COLUMN_GAP_PT) - COLUMN_GAP_PT,
    height: AXIS_PT + rows * step - TILE_GAP_PT,
  };
}

/** What an explore sheet shows, in words. */
export function exploreCaption(
  { dimensions, range, image }: ExploreSheet,
  { model, dataset, isConditional }: { model: string; dataset: string; isConditional: boolean },
): Span[] {
  const hasKl = dimensions.some(({ kl }) => kl !== null);
  const hasNames = dimensions.some(({ name }) => name !== null);
  const isAlongAxes = areAxes(dimensions);
  const unit = isAlongAxes
    ? 'standard deviations of the codes along it'
    : hasKl
      ? 'standard deviations of the prior'
      : 'standard deviations of the codes';
  return [
    `Every ${isAlongAxes ? 'independent axis of the codes' : 'dimension'} of the ${model}, moved from ${signedOffset(-range)} to ${signedOffset(range)} ${unit} about the code of ` +
      `image ${image} of ${spoken(dataset)}, whose reconstruction is in the middle.`,
    isAlongAxes
      ? ' Those along which the codes vary most come first.'
      : hasKl
        ? ' Those that carry most come first, by their KL to the prior.'
        : ' Those whose codes vary most come first.',
    ...(hasNames
      ? [' Named are the labels that they carry best, with the mutual information beyond chance.']
      : []),
    ...(isConditional ? [OWN_LABEL] : []),
  ];
}
