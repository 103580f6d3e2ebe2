import type { Picture } from '../pictures/picture.ts';
import { moved, type Mark } from './drawing.ts';
import {
  counted,
  fitText,
  label,
  LABELS,
  OWN_LABEL,
  pictureGrid,
  spoken,
  TILE_GAP_PT,
  type Block,
  type ModelLabel,
} from './layout.ts';
import type { Span } from './paragraph.ts';

const TILE_PT = 36;
const GUTTER_PT = 60;
/** Images in a row; more begin another. */
export const PER_ROW = 12;
const BLOCK_GAP_PT = 9;

/** A row's pictures, and what stands to the left of it. */
interface Row extends ModelLabel {
  readonly pictures: readonly Picture[];
  readonly remark: string;
}

function rowLabels({ name, note, remark }: Row, top: number): Mark[] {
  const room = GUTTER_PT - 4;
  const below = [note, remark].filter((text) => text !== '');
  const middle = top + TILE_PT / 2;
  const first = middle + 2.7 - below.length * 4.25;
  return [
    label(fitText(name, room, LABELS.strong), 0, first, LABELS.strong),
    ...below.map((text, i) =>
      label(fitText(text, room, LABELS.small), 0, first + (i + 1) * 8.5, LABELS.small),
    ),
  ];
}

/** Images above what each model makes of them. */
export function layoutReconstructions(
  originals: readonly Picture[],
  models: readonly (ModelLabel & {
    readonly reconstructions: readonly Picture[];
    readonly error: number | null;
  })[],
): Block {
  const rows: Row[] = [
    { name: 'Original', note: '', remark: '', pictures: originals },
    ...models.map(({ name, note, reconstructions, error }) => ({
      name,
      note,
      remark: error === null ? '' : `error ${error.toFixed(error < 100 ? 1 : 0)}`,
      pictures: reconstructions,
    })),
  ];
  const marks: Mark[] = [];
  let [y, width] = [0, 0];
  for (let start = 0; start < originals.length; start += PER_ROW) {
    const grid = pictureGrid(
      rows.map(({ pictures }) => pictures.slice(start, start + PER_ROW)),
      TILE_PT,
    );
    marks.push(...moved(grid.marks, GUTTER_PT, y));
    for (const [r, row] of rows.entries()) marks.push(...rowLabels(row, y + r * (TILE_PT + TILE_GAP_PT)));
    y += grid.height + BLOCK_GAP_PT;
    width = Math.max(width, GUTTER_PT + grid.width);
  }
  return { marks, width, height: y - BLOCK_GAP_PT };
}

/** What the figure of reconstructions shows, in words. */
export function reconstructionsCaption({
  images,
  dataset,
  isHeldOut,
  hasErrors,
  hasConditional,
}: {
  images: number;
  dataset: string;
  isHeldOut: boolean;
  hasErrors: boolean;
  hasConditional: boolean;
}): Span[] {
  const some = counted(images, 'image');
  return [
    `${some.charAt(0).toUpperCase()}${some.slice(1)} of ${spoken(dataset)}${isHeldOut ? ' that no model was trained on' : ''}, and below ` +
      'their reconstructions, decoded from the posterior’s mean.',
    ...(hasErrors
      ? [' The error is squared, summed over pixels and colours, and averaged over all images held out.']
      : []),
    ...(hasConditional ? [OWN_LABEL] : []),
  ];
}
