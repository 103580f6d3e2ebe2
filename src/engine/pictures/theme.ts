import type { Colour } from './picture.ts';

/** The colours of figures, with the names of the app's theme. */
export interface FigureTheme {
  readonly canvas: Colour;
  readonly ink: Colour;
  readonly ink2: Colour;
  readonly line2: Colour;
  readonly ctl: Colour;
  readonly accent: Colour;
}

/** Dark for screens, light for paper. */
export type ThemeName = 'dark' | 'light';

function hex(code: number): Colour {
  return [code >> 16, (code >> 8) & 0xff, code & 0xff];
}

/** The two themes of every figure. */
export const THEMES: Readonly<Record<ThemeName, FigureTheme>> = {
  dark: {
    canvas: hex(0x0f0f11),
    ink: hex(0xf3f3f4),
    ink2: hex(0xb7b7be),
    line2: hex(0x3b3b42),
    ctl: hex(0x6e6e78),
    accent: hex(0x4ed2bf),
  },
  light: {
    canvas: hex(0xfafafa),
    ink: hex(0x17171a),
    ink2: hex(0x4c4c55),
    line2: hex(0xcbcbd1),
    ctl: hex(0x8e8e98),
    accent: hex(0x09736a),
  },
};

function between(from: Colour, to: Colour, steps: number): Colour[] {
  return Array.from({ length: steps }, (_, i) => {
    const part = (i + 1) / (steps + 1);
    return [0, 1, 2].map((c) => Math.round(from[c]! + (to[c]! - from[c]!) * part)) as unknown as Colour;
  });
}

/**
 * The colours that a GIF's palette must contain exactly: background, text colours, and the steps of anti-aliased
 * edges.
 */
export function figureColours({ canvas, ink, ink2, line2, ctl, accent }: FigureTheme): Colour[] {
  return [
    ...[canvas, ink, ink2, line2, ctl, accent],
    ...between(canvas, ink, 5),
    ...between(canvas, accent, 3),
  ];
}
