import type { Colour } from '../pictures/picture.ts';
import { THEMES } from '../pictures/theme.ts';

const { ink, ink2, line2, accent } = THEMES.light;

/** The colours of figures: the app's light theme on white paper. */
export const PAPER: Readonly<Record<'paper' | 'ink' | 'secondary' | 'line' | 'accent', Colour>> = {
  paper: [255, 255, 255],
  ink,
  secondary: ink2,
  line: line2,
  accent,
};

/** The colours of lines in plots: the categories of the app's light theme. */
export const CATEGORIES: readonly Colour[] = [
  [0x2f, 0x6f, 0xdb],
  [0xd9, 0x7b, 0x00],
  [0x5e, 0x52, 0x00],
  [0xa3, 0x21, 0x6f],
  [0x6f, 0x93, 0xcc],
  [0x4a, 0x1f, 0xa8],
];

/** A colour as CSS writes it: `#17171a`. */
export function cssColour(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
