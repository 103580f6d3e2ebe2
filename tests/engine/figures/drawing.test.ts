import { loadImage } from '@napi-rs/canvas';
import { describe, expect, it } from 'vitest';
import { PAPER } from '../../../src/engine/figures/colours.ts';
import type { Drawing } from '../../../src/engine/figures/drawing.ts';
import { renderPdf } from '../../../src/engine/figures/pdf.ts';
import { rasterise, renderPng } from '../../../src/engine/figures/png.ts';
import { renderSvg } from '../../../src/engine/figures/svg.ts';
import type { Picture } from '../../../src/engine/pictures/picture.ts';
import { readPdf } from '../../fixtures/pdf-text.ts';

/** 64×64, every pixel of a colour of its own. */
const picture: Picture = {
  width: 64,
  height: 64,
  channels: 3,
  data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [pixel % 64, Math.floor(pixel / 64), 200][i % 3]!;
  }),
};

const drawing: Drawing = {
  width: 100,
  height: 80,
  title: 'A & <B>',
  marks: [
    { kind: 'image', picture, x: 6.05, y: 3.02, width: 36, height: 36 },
    {
      kind: 'text',
      text: 'β-VAE, office & <co>',
      x: 6,
      baseline: 60,
      style: { family: 'sans', sizePt: 8, weight: 600, colour: PAPER.ink },
    },
    {
      kind: 'text',
      text: 'N(0, I) −3',
      x: 6,
      baseline: 72,
      style: { family: 'serif', sizePt: 9, italic: true, colour: PAPER.ink },
    },
    { kind: 'disc', x: 80, y: 20, radius: 5, colour: PAPER.accent },
    {
      kind: 'path',
      points: [
        [60, 40],
        [90, 40],
        [90, 50],
      ],
      fill: { colour: PAPER.accent, opacity: 0.5 },
      stroke: { colour: PAPER.ink, width: 1, dash: [2, 1] },
    },
  ],
};

describe('a drawing as PNG', () => {
  it('has 384 dots an inch', async () => {
    const image = await loadImage(Buffer.from(await renderPng(drawing)));
    expect([image.width, image.height]).toEqual([Math.round((100 * 384) / 72), Math.round((80 * 384) / 72)]);
  });

  it('shows each pixel of a picture as a whole square, wherever it stands', () => {
    const { data, width } = rasterise(drawing);
    const at = (x: number, y: number): number[] => [
      ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
    ];
    const [left, top] = [Math.round((6.05 * 64) / 12), Math.round((3.02 * 64) / 12)];
    for (let y = 0; y < 192; y += 7) {
      for (let x = 0; x < 192; x += 5) {
        expect(at(left + x, top + y)).toEqual([Math.floor(x / 3), Math.floor(y / 3), 200]);
      }
    }
    expect(at(left - 1, top)).toEqual([255, 255, 255]);
  });
});

describe('a drawing as SVG', () => {
  it('holds its texts as texts, with the fonts that they are set in', async () => {
    const svg = Buffer.from(await renderSvg(drawing)).toString();
    expect(svg).toContain('>β-VAE, office &amp; &lt;co&gt;</text>');
    expect(svg).toContain('>N(0, I) −3</text>');
    expect(svg).toContain('<title>A &amp; &lt;B&gt;</title>');
    const faces = [
      ...svg.matchAll(/@font-face\{font-family:"([^"]+)";font-style:(\w+);font-weight:(\d+);src:url\(data:/g),
    ];
    // Greek and Latin for the first text, Latin for the second.
    expect(faces.map(([, ...face]) => face.join(' '))).toEqual([
      'Inter normal 600',
      'Inter normal 600',
      'STIX Two Text italic 400',
    ]);
  });

  it('holds a picture with its own pixels', async () => {
    const svg = Buffer.from(await renderSvg(drawing)).toString();
    const [, base64 = ''] = /href="data:image\/png;base64,([^"]+)"/.exec(svg)!;
    const image = await loadImage(Buffer.from(base64, 'base64'));
    expect([image.width, image.height]).toEqual([64, 64]);
    expect(svg).toContain('image-rendering:pixelated');
  });
});

describe('a drawing as PDF', () => {
  it('holds its texts as texts, in TrueType fonts of its own', () => {
    const { text, fonts, fontTypes, pages } = readPdf(renderPdf([drawing], 'A'));
    expect(text).toBe('β-VAE, office & <co>N(0, I) −3');
    expect(fonts).toEqual(['Inter-SemiBold', 'STIXTwoText-Italic']);
    expect(fontTypes).toEqual(['CIDFontType2']);
    expect(pages).toEqual([[100, 80]]);
  });

  it('has a page for each drawing, and neither date nor id', () => {
    const file = renderPdf([drawing, { ...drawing, width: 50 }], 'A');
    expect(readPdf(file).pages).toEqual([
      [100, 80],
      [50, 80],
    ]);
    expect(Buffer.from(file).toString('latin1')).not.toMatch(/CreationDate|ModDate|\/ID ?\[/);
  });
});

describe('the same drawing', () => {
  it('gives the same bytes twice', async () => {
    expect(Buffer.from(await renderPng(drawing)).equals(await renderPng(drawing))).toBe(true);
    expect(Buffer.from(await renderSvg(drawing)).equals(await renderSvg(drawing))).toBe(true);
    expect(Buffer.from(renderPdf([drawing], 'A')).equals(renderPdf([drawing], 'A'))).toBe(true);
  });
});

describe('a name with control characters', () => {
  const evil = 'a\u001b[31m\u0000\n\u202eb';
  const shown = 'a\\u001b[31m\\u0000\\n\\u202eb';
  const named: Drawing = {
    ...{ width: 300, height: 40, title: evil },
    marks: [
      {
        ...{ kind: 'text', text: evil, x: 4, baseline: 20 },
        style: { family: 'sans', sizePt: 8, colour: PAPER.ink },
      },
    ],
  };

  it('is written out in an SVG, which could not hold them', async () => {
    const svg = Buffer.from(await renderSvg(named)).toString();
    expect(svg).toContain(`<title>${shown}</title>`);
    expect(svg).toContain(`>${shown}</text>`);
    expect(svg.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  it('is written out in a PDF and in its title', () => {
    const pdf = renderPdf([named], evil);
    expect(readPdf(pdf).text).toBe(shown.replaceAll(' ', ''));
    expect(renderPdf([named], shown)).toEqual(pdf);
  });

  it('is written out in a PNG', () => {
    const marks = named.marks.map((mark) => (mark.kind === 'text' ? { ...mark, text: shown } : mark));
    expect(rasterise(named)).toEqual(rasterise({ ...named, marks }));
  });
});
