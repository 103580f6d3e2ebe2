import type { Feature } from '../../contract/figures.ts';
import type { Picture } from '../pictures/picture.ts';
import { PAPER } from './colours.ts';
import { moved, type Mark } from './drawing.ts';
import {
  areAxes,
  columnHeads,
  CONTENT_WIDTH_PT,
  counted,
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
  type ModelLabel,
} from './layout.ts';
import type { Span } from './paragraph.ts';

const MODEL_GAP_PT = 10;
/** Tiles from the largest, each with a whole number of pixels for every one of the image's. */
const TILES_PT = [48, 36, 24];
const MOST_STEPS = 9;

/** How one strip is cut into tiles. */
export interface StripLayout {
  readonly tilePt: number;
  /** Odd, so that there is a middle. */
  readonly steps: number;
}

/** The largest tiles of which each model has room for five, else for three of the smallest. */
export function traversalLayout(models: number): StripLayout {
  const each = (CONTENT_WIDTH_PT + MODEL_GAP_PT) / models - MODEL_GAP_PT;
  const tilePt = TILES_PT.find((tile) => each / tile >= 5) ?? TILES_PT.at(-1)!;
  const room = Math.floor(each / tilePt);
  return { tilePt, steps: Math.min(MOST_STEPS, Math.max(3, room - (room % 2 === 0 ? 1 : 0))) };
}

const HEAD_PT = { axis: 9, feature: 13, cell: 9, below: 7 };

function cellLabel({ dimension, bits, direction }: Feature['cells'][number]): string {
  const title = `${direction ? 'a' : 'z'}${dimension}`;
  return bits === null ? title : `${title} · ${bits.toFixed(2)} bits`;
}

/**
 * What one dimension of each model does: a block for each label or factor, a column for each model, a strip for each
 * image.
 *
 * @param strips - `[features][models][images][steps]`
 */
export function layoutTraversals(
  models: readonly ModelLabel[],
  features: readonly Feature[],
  strips: readonly (readonly (readonly (readonly Picture[])[])[])[],
  { tilePt, steps, range }: StripLayout & { readonly range: number },
): Block {
  const width = steps * tilePt;
  const xs = models.map((_, i) => i * (width + MODEL_GAP_PT));
  const heads = columnHeads(models, xs, width);
  const total = xs.at(-1)! + width;
  const marks: Mark[] = [...heads.marks];
  let y = heads.height;
  for (const x of xs) marks.push(...stripAxis(range, x, y + 6, width));
  y += HEAD_PT.axis;
  features.forEach((feature, f) => {
    marks.push({
      kind: 'path',
      points: [
        [0, y + 1],
        [total, y + 1],
      ],
      stroke: { colour: PAPER.line, width: 0.5 },
    });
    marks.push(label(spoken(feature.name), 0, y + 10.5, LABELS.strong));
    y += HEAD_PT.feature;
    feature.cells.forEach((cell, m) => {
      marks.push(label(fitText(cellLabel(cell), width, LABELS.small), xs[m]!, y + 6, LABELS.small));
    });
    y += HEAD_PT.cell;
    const grids = strips[f]!.map((rows) => pictureGrid(rows, tilePt, { across: 0, down: TILE_GAP_PT }));
    grids.forEach((grid, m) => marks.push(...moved(grid.marks, xs[m]!, y)));
    y += Math.max(...grids.map(({ height }) => height)) + HEAD_PT.below;
  });
  return { marks, width: total, height: y - HEAD_PT.below };
}

/** What the figure of traversals shows, in words. */
export function traversalsCaption(
  features: readonly Feature[],
  {
    images,
    range,
    dataset,
    hasAutoencoder,
    hasQuantised,
    hasConditional,
  }: {
    images: number;
    range: number;
    dataset: string;
    hasAutoencoder: boolean;
    hasQuantised: boolean;
    hasConditional: boolean;
  },
): Span[] {
  const cells = features.flatMap((feature) => feature.cells);
  const isMeasured = cells.some(({ bits }) => bits !== null);
  const isAlongAxes = areAxes(cells);
  const moved = isAlongAxes ? 'axis' : 'dimension';
  return [
    `One ${isAlongAxes ? 'independent axis of the codes' : 'dimension'} of each model moved from ${signedOffset(-range)} to ${signedOffset(range)} standard deviations of the ` +
      `${isAlongAxes ? 'codes along it,' : 'prior'} about the codes of ${images === 1 ? '' : 'the same '}${counted(images, 'image')} of ` +
      `${spoken(dataset)}; in the middle is the reconstruction.`,
    isMeasured
      ? ` Of each model that ${moved} is shown which carries most of the label, with the mutual information beyond ` +
        'chance, and it is moved so that the label rises to the right.'
      : ` The ${isAlongAxes ? 'axes' : 'dimensions'} were chosen by hand.`,
    ...(hasAutoencoder && !isAlongAxes ? [' An AE is moved by the standard deviation of its codes.'] : []),
    ...(hasQuantised && !isAlongAxes ? [' A QLAE goes over the learned values of its dimension.'] : []),
    ...(hasConditional ? [OWN_LABEL] : []),
  ];
}
