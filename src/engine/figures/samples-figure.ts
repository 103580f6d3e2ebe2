import type { Picture } from '../pictures/picture.ts';
import { moved } from './drawing.ts';
import {
  columnHeads,
  CONTENT_WIDTH_PT,
  pictureGrid,
  TILE_GAP_PT,
  type Block,
  type ModelLabel,
} from './layout.ts';
import type { Span } from './paragraph.ts';

const TILE_PT = 36;
const MODEL_GAP_PT = 12;
/** Rows that fill half a page. */
export const SAMPLE_ROWS = 8;
const MOST_COLUMNS = 8;

/** How many columns of draws each of some models has room for. */
export function sampleColumns(models: number): number {
  const each = (CONTENT_WIDTH_PT + MODEL_GAP_PT) / models - MODEL_GAP_PT;
  const columns = Math.floor((each + TILE_GAP_PT) / (TILE_PT + TILE_GAP_PT));
  return Math.min(MOST_COLUMNS, Math.max(1, columns));
}

/** Draws of the prior, models side by side. */
export function layoutSamples(
  models: readonly (ModelLabel & { readonly samples: readonly Picture[] })[],
  columns: number,
): Block {
  const width = columns * (TILE_PT + TILE_GAP_PT) - TILE_GAP_PT;
  const xs = models.map((_, i) => i * (width + MODEL_GAP_PT));
  const heads = columnHeads(models, xs, width);
  const grids = models.map(({ samples }) => {
    const rows = Array.from({ length: Math.ceil(samples.length / columns) }, (_, row) =>
      samples.slice(row * columns, (row + 1) * columns),
    );
    return pictureGrid(rows, TILE_PT);
  });
  return {
    marks: [...heads.marks, ...grids.flatMap((grid, i) => moved(grid.marks, xs[i]!, heads.height))],
    width: xs.at(-1)! + width,
    height: heads.height + Math.max(...grids.map(({ height }) => height)),
  };
}

/** What the figure of samples shows, in words. */
export function samplesCaption(
  each: number,
  {
    hasAutoencoder,
    hasQuantised,
    hasConditional,
  }: { hasAutoencoder: boolean; hasQuantised: boolean; hasConditional: boolean },
): Span[] {
  return [
    'Images decoded from codes drawn from the prior ',
    { text: 'N', italic: true },
    '(0, ',
    { text: 'I', italic: true },
    `), ${each} of each model, none selected.`,
    ...(hasAutoencoder ? [' An AE is trained without a prior; it is given draws of the same one.'] : []),
    ...(hasQuantised
      ? [
          ' A QLAE has no prior: its dimensions are drawn from their learned values, as often as the training images have them.',
        ]
      : []),
    ...(hasConditional ? [' A conditional model is given the most usual label.'] : []),
  ];
}
