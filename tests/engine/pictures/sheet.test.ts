import { describe, expect, test } from 'vitest';
import { fillPicture, type Picture } from '../../../src/engine/pictures/picture.ts';
import { drawSheet, drawTraversalStrip, inRows, pairRows } from '../../../src/engine/pictures/sheet.ts';
import { drawText, labelWidth, signed, textWidth } from '../../../src/engine/pictures/text.ts';
import { THEMES } from '../../../src/engine/pictures/theme.ts';

/** A part of a picture, `[height, width, channels]` as plain bytes. */
function part(picture: Picture, x: number, y: number, width: number, height: number): Uint8Array {
  const rows = Array.from({ length: height }, (_, row) => {
    const start = ((y + row) * picture.width + x) * picture.channels;
    return picture.data.subarray(start, start + width * picture.channels);
  });
  return Uint8Array.from(Buffer.concat(rows));
}

function tile(value: number, channels: 1 | 3 = 3): Picture {
  return fillPicture(8, 8, channels, [value, value, value]);
}

describe('drawSheet', () => {
  test('lays tiles in rows with gaps and margin of the surface', () => {
    const sheet = drawSheet([[tile(1), tile(2)], [tile(3)]], { gap: 4, scale: 2 });
    expect([sheet.width, sheet.height]).toEqual([4 + 16 + 4 + 16 + 4, 4 + 16 + 4 + 16 + 4]);
    expect(part(sheet, 4, 4, 16, 16).every((value) => value === 1)).toBe(true);
    expect(part(sheet, 24, 4, 16, 16).every((value) => value === 2)).toBe(true);
    expect(part(sheet, 4, 24, 16, 16).every((value) => value === 3)).toBe(true);
    for (const surface of [
      part(sheet, 0, 0, 44, 4),
      part(sheet, 20, 0, 4, 44),
      part(sheet, 24, 24, 20, 20),
    ]) {
      surface.forEach((value, i) => expect(value).toBe(THEMES.dark.canvas[i % 3]));
    }
  });

  test('lets the rows of a group touch', () => {
    const originals = [tile(1), tile(2), tile(3)];
    const rows = pairRows(originals, [tile(11), tile(12), tile(13)], 2);
    const sheet = drawSheet(rows, { gap: 3, rowsPerGroup: 2 });
    expect(sheet.height).toBe(3 + 16 + 3 + 16 + 3);
    expect(part(sheet, 3, 3, 1, 16)).toEqual(Uint8Array.from({ length: 48 }, (_, i) => (i < 24 ? 1 : 11)));
    expect(part(sheet, 3, 22, 1, 16)).toEqual(Uint8Array.from({ length: 48 }, (_, i) => (i < 24 ? 3 : 13)));
  });

  test('stays grey when every image is, and is colour when one is', () => {
    expect(drawSheet([[tile(1, 1)]]).channels).toBe(1);
    expect(drawSheet([[tile(1, 1), tile(2)]]).channels).toBe(3);
  });

  test('shows labels and title beside the tiles, never on them', () => {
    const rows = [[tile(50), tile(60)]];
    const bare = drawSheet(rows, { rowLabels: [''], columnLabels: ['', ''], title: '' });
    const labelled = drawSheet(rows, {
      rowLabels: ['z3 · 1.24 nats'],
      columnLabels: ['−3', '+3'],
      title: 'Faces',
    });
    expect(labelled.width).toBe(bare.width + labelWidth('z3 · 1.24 nats', 12));
    const tiles = { x: labelled.width - 16 - 20, y: labelled.height - 16 - 8 };
    expect(part(labelled, tiles.x, tiles.y, 8, 8).every((value) => value === 50)).toBe(true);
    expect(part(labelled, tiles.x + 12, tiles.y, 8, 8).every((value) => value === 60)).toBe(true);
    const brightIn = (x: number, y: number, width: number, height: number) =>
      part(labelled, x, y, width, height).some((value) => value > 150);
    expect(brightIn(16, 16, 60, 22), 'title').toBe(true);
    expect(brightIn(16, tiles.y - 4, tiles.x - 16, 16), 'row label').toBe(true);
    expect(brightIn(tiles.x - 8, tiles.y - 18, 36, 16), 'column labels').toBe(true);
  });

  test('is drawn on light when asked for', () => {
    const [first] = drawSheet([[tile(0)]], { theme: 'light' }).data;
    expect(first).toBe(THEMES.light.canvas[0]);
  });

  test('refuses no images, and images of unequal size', () => {
    expect(() => drawSheet([])).toThrow(RangeError);
    expect(() => drawSheet([[tile(1), fillPicture(9, 8, 3, [0, 0, 0])]])).toThrow(RangeError);
    expect(() => pairRows([tile(1)], [], 2)).toThrow(RangeError);
  });
});

describe('inRows', () => {
  test('keeps the order and leaves the last row short', () => {
    expect(inRows([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(inRows([], 3)).toEqual([]);
  });
});

describe('drawTraversalStrip', () => {
  test('is wider and higher with labels, by names at the left and values on top', () => {
    const tiles = [[tile(1), tile(2), tile(3)]];
    const bare = drawTraversalStrip(tiles, { values: [-3, 0, 3] });
    const labelled = drawTraversalStrip(tiles, { values: [-3, 0, 3], labels: ['z0'] });
    expect(bare.width).toBe(4 + 3 * 8 + 2 * 4 + 4);
    expect(labelled.width).toBeGreaterThan(bare.width + labelWidth('z0', 12));
    expect(labelled.height).toBeGreaterThan(bare.height + 12);
  });
});

describe('text', () => {
  test('is as wide as it says, with figures all of one width', () => {
    const style = { sizePx: 13, weight: 400 } as const;
    expect(textWidth('1111', style)).toBe(textWidth('0000', style));
    const onto = fillPicture(100, 30, 1, [0, 0, 0]);
    drawText(onto, 'z12', 20, 20, { ...style, colour: [255, 255, 255] });
    const inked = [...onto.data.keys()].filter((i) => onto.data[i]! > 40).map((i) => i % 100);
    expect(Math.min(...inked)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...inked)).toBeLessThan(20 + textWidth('z12', style));
  });

  test.each(['β', 'σ', '−', '…', '·', 'ł', 'ž', 'Ж', 'ế'])('has a shape of its own for %s', (letter) => {
    const shape = (text: string) => {
      const onto = fillPicture(40, 40, 1, [0, 0, 0]);
      drawText(onto, text, 8, 28, { sizePx: 20, weight: 400, colour: [255, 255, 255] });
      return onto.data;
    };
    expect(shape(letter).some((value) => value > 100)).toBe(true);
    // U+E000 is nobody's letter: what is drawn for it is what is drawn for every missing one.
    expect(shape(letter)).not.toEqual(shape('\ue000'));
  });

  test('writes control characters out', () => {
    const style = { sizePx: 20, weight: 400 } as const;
    const draw = (text: string): Picture => {
      const ground = { width: 200, height: 40, channels: 3 as const, data: new Uint8Array(200 * 40 * 3) };
      drawText(ground, text, 0, 30, { ...style, colour: [255, 255, 255] });
      return ground;
    };
    expect(textWidth('a\u202eb\n', style)).toBe(textWidth('a\\u202eb\\n', style));
    expect(draw('a\u202eb\n')).toEqual(draw('a\\u202eb\\n'));
    expect(draw('a\u202eb\n')).not.toEqual(draw('ab'));
  });

  test('is drawn from the bundled Inter, whatever fonts the machine has', () => {
    // At weight 400 Inter's z is 0.5525 em wide; other fonts' are not (DejaVu Sans: 0.525).
    expect(textWidth('z'.repeat(100), { sizePx: 20, weight: 400 })).toBe(1105);
  });

  test('keeps right-aligned text left of its edge', () => {
    const onto = fillPicture(60, 30, 1, [0, 0, 0]);
    drawText(onto, '+3', 50, 20, { sizePx: 13, weight: 600, colour: [255, 255, 255], align: 'right' });
    const inked = [...onto.data.keys()].filter((i) => onto.data[i]! > 40).map((i) => i % 60);
    expect(Math.max(...inked)).toBeLessThanOrEqual(50);
    expect(Math.max(...inked)).toBeGreaterThan(44);
  });

  test('signs values with a true minus, and rounds away what is not needed', () => {
    expect([-3, 3, 0, -0.004, 2.5714, -1.5].map((value) => signed(value))).toEqual([
      '−3',
      '+3',
      '0',
      '0',
      '+2.57',
      '−1.5',
    ]);
  });
});
