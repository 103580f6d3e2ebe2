import { describe, expect, it } from 'vitest';
import { paletteOf } from '../../../src/renderer/theme/tokens.ts';

/** Relative luminance, WCAG 2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['dark', 'light'] as const)('the colours of more contrast (%s)', (theme) => {
  const palette = paletteOf(theme, true);
  const grounds = [palette.canvas, palette.app, palette.panel, palette.raised, palette.well, palette.hover];

  it('have texts of seven to one on every ground, and lines and controls of three to one', () => {
    for (const ground of grounds) {
      for (const ink of ['ink', 'ink2', 'ink3', 'accent', 'bad', 'warn'] as const) {
        expect(contrast(palette[ink], ground), `${ink} on ${ground}`).toBeGreaterThanOrEqual(7);
      }
      for (const line of ['line', 'line2', 'ctl'] as const) {
        expect(contrast(palette[line], ground), `${line} on ${ground}`).toBeGreaterThanOrEqual(3);
      }
    }
    expect(contrast(palette.onAccent, palette.accent)).toBeGreaterThanOrEqual(7);
  });

  it('leave the colours of data as they are', () => {
    const { categories, tide, seam } = paletteOf(theme, false);
    expect(palette).toMatchObject({ categories, tide, seam });
  });
});
