import type { Picture } from '../pictures/picture.ts';
import { encodePng } from '../pictures/png.ts';
import { cssColour, PAPER } from './colours.ts';
import { shownDrawing, type Drawing, type Mark, type PathMark, type TextMark } from './drawing.ts';
import { embeddedFonts, svgTextStyle } from './fonts.ts';

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A length with no more digits than a printer can tell apart. */
function short(value: number): string {
  return String(Number(value.toFixed(3)));
}

async function dataUrl(picture: Picture): Promise<string> {
  return `data:image/png;base64,${Buffer.from(await encodePng(picture)).toString('base64')}`;
}

const ANCHORS = { left: '', middle: ' text-anchor="middle"', right: ' text-anchor="end"' } as const;

function textElement({ text, x, baseline, style, align = 'left', isTurned = false }: TextMark): string {
  const [px, py] = [short(x), short(baseline)];
  const place = isTurned ? `transform="translate(${px} ${py}) rotate(-90)"` : `x="${px}" y="${py}"`;
  return (
    `<text ${place} ${svgTextStyle(style)} fill="${cssColour(style.colour)}"${ANCHORS[align]}>` +
    `${escaped(text)}</text>`
  );
}

function pathElement({ points, stroke, fill }: PathMark): string {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join('');
  const inside = fill ? `fill="${cssColour(fill.colour)}" fill-opacity="${fill.opacity}"` : 'fill="none"';
  const line = stroke
    ? ` stroke="${cssColour(stroke.colour)}" stroke-width="${stroke.width}" stroke-linejoin="round"` +
      (stroke.dash ? ` stroke-dasharray="${stroke.dash.join(' ')}"` : '')
    : '';
  return `<path d="${d}" ${inside}${line}/>`;
}

async function element(mark: Mark): Promise<string> {
  switch (mark.kind) {
    case 'image': {
      const [x, y, width, height] = [mark.x, mark.y, mark.width, mark.height].map(short);
      return `<image x="${x!}" y="${y!}" width="${width!}" height="${height!}" href="${await dataUrl(mark.picture)}"/>`;
    }
    case 'text':
      return textElement(mark);
    case 'path':
      return pathElement(mark);
    case 'disc':
      return `<circle cx="${short(mark.x)}" cy="${short(mark.y)}" r="${short(mark.radius)}" fill="${cssColour(mark.colour)}"/>`;
  }
}

/** A drawing as SVG: text as text, with its fonts in the file, pictures with their own pixels. */
export async function renderSvg(drawing: Drawing): Promise<Uint8Array> {
  const { width, height, title, marks } = shownDrawing(drawing);
  const texts = marks.filter((mark) => mark.kind === 'text');
  // `pixelated` is CSS's word, `optimizeSpeed` SVG's own for the same.
  const style = `${embeddedFonts(texts)}\ntext{font-variant-ligatures:none}image{image-rendering:optimizeSpeed;image-rendering:pixelated}`;
  const [w, h] = [short(width), short(height)];
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}pt" height="${h}pt" viewBox="0 0 ${w} ${h}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</style>`,
    `<rect width="${w}" height="${h}" fill="${cssColour(PAPER.paper)}"/>`,
  ];
  for (const mark of marks) lines.push(await element(mark));
  return Buffer.from(`${[...lines, '</svg>'].join('\n')}\n`);
}
