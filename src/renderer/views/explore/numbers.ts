import { capitalised, signed } from '../../components/format.ts';

/** What is added to a code, with its sign and no more digits than it needs: `+0.75`, `0.0`, `−3.0`. */
export function offsetText(offset: number): string {
  const text = signed(offset, 2).replace(/0$/, '');
  return Number(text) === 0 || text.startsWith('−') ? text : `+${text}`;
}

/** A file's size: `824 kB`, `1.1 MB`. */
export function bytesText(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1000));
  return kilobytes < 1000 ? `${kilobytes} kB` : `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;
}

/** How long an animation takes, to the tenth of a second: `3.8 s`. */
export function secondsText(milliseconds: number): string {
  return `${Number((milliseconds / 1000).toFixed(1))} s`;
}

/** A dimension or axis as people read it: `z5 Background hue`, `a5`. */
export function sliderText(
  { symbol }: { readonly symbol: 'z' | 'a' },
  number: number,
  name: string | undefined,
): string {
  return name === undefined ? `${symbol}${number}` : `${symbol}${number} ${capitalised(name)}`;
}

/** A dimension as people read it: `z5 Background hue`, or `z5`. */
export function dimensionText(dimension: number, name: string | undefined): string {
  return sliderText({ symbol: 'z' }, dimension, name);
}

/** A file without its folders: `img_align_celeba/000032.jpg` → `000032.jpg`. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
