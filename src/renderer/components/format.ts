import { objectiveTitle, type ModelKind } from '../../contract/run.ts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `11,004`. */
export function wholeNumber(value: number): string {
  return whole.format(value);
}

/** The size of a data set's images in words: `64 × 64`. */
export function sizeText(imageSize: number): string {
  return `${imageSize} × ${imageSize}`;
}

/** `1 image`, `11,004 images`. */
export function counted(count: number, noun: string): string {
  return `${wholeNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** With a minus as wide as a plus, so that numbers stand still: `−1.50`. */
export function signed(value: number, digits = 2): string {
  // What rounds to zero has no sign.
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** A part of a whole: `37 %`; `< 1 %` where that would round to nothing. */
export function percentText(part: number): string {
  const percent = Math.round(part * 100);
  return part > 0 && percent === 0 ? '< 1 %' : `${percent} %`;
}

/** For people: `4 min 12 s`, `1 h 5 min`, `38 s`. */
export function duration(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return rounded < 600 ? `${minutes} min ${rounded % 60} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A time to come, rounded as far as it can be known: `about 18 min`, `about 1 h 10 min`. */
export function aboutDuration(seconds: number): string {
  if (seconds < 55) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min`;
  if (minutes < 600) {
    const rounded = Math.round(minutes / 5) * 5;
    const rest = rounded % 60;
    return `about ${Math.floor(rounded / 60)} h${rest ? ` ${rest} min` : ''}`;
  }
  // Each from the seconds themselves: what is rounded twice may be off by more than either says.
  const hours = Math.round(seconds / 3600);
  return hours < 72 ? `about ${hours} h` : `about ${Math.round(seconds / 86_400)} days`;
}

/** `45 MB`, as disks count. */
export function fileSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** `β-TCVAE`; the paper's name of a model. */
export function modelName(kind: ModelKind): string {
  return objectiveTitle(kind);
}

/** A column's name as people write it: `Wearing_Hat` is `Wearing Hat`. */
export function spoken(name: string): string {
  return name.replaceAll('_', ' ');
}

/**
 * `background_hue` → `Background hue`. A name whose first word is not all small letters, such as `pH` or `µm²`, stays
 * as it is.
 */
export function capitalised(name: string): string {
  const words = spoken(name);
  // The capital of the micro sign would be a Greek M.
  return /^(?![µμ])\p{Ll}+(?![\p{L}\d])/u.test(words)
    ? words.charAt(0).toUpperCase() + words.slice(1)
    : words;
}
