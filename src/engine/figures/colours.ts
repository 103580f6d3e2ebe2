import type { Colour } from '../export/picture.ts';
import { THEMES } from '../export/theme.ts';

const { ink, ink2, line2, accent } = THEMES.light;

/** What figures are drawn in: the app's light theme on white paper. */
export const PAPER: Readonly<Record<'paper' | 'ink' | 'quiet' | 'line' | 'accent', Colour>> = {
  paper: [255, 255, 255],
  ink,
  quiet: ink2,
  line: line2,
  accent,
};

/** A colour as CSS writes it: `#17171a`. */
export function cssColour(colour: Colour): string {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
