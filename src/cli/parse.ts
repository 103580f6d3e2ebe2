import { extname } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { DEFAULT_IMAGE_SIZE, IMAGE_SIZES, type ImageSize } from '../contract/image-size.ts';
import { alternatives, whole } from './format.ts';
import { UsageError } from './usage-error.ts';

/** The values that a number may have, both ends included. */
export interface Limits {
  readonly min?: number;
  readonly max?: number;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WHOLE_NUMBER = /^[+-]?\d+$/;

function within(value: number, { min = -Infinity, max = Infinity }: Limits, what: string): number {
  if (value >= min && value <= max) return value;
  if (max === Infinity) throw new InvalidArgumentError(`It must be ${what}, ${whole(min)} or more.`);
  if (min === -Infinity) throw new InvalidArgumentError(`It must be ${what}, at most ${whole(max)}.`);
  throw new InvalidArgumentError(`It must be ${what} from ${shown(min)} to ${shown(max)}.`);
}

function shown(limit: number): string {
  return Number.isInteger(limit) ? whole(limit) : String(limit);
}

/**
 * Makes a parser for an option with a finite number. The whole text must be a number (`12abc` is not).
 *
 * @returns the parser that commander calls with the option's text; it throws InvalidArgumentError
 */
export function decimalNumber(limits: Limits = {}): (text: string) => number {
  return (text) => {
    const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
    return within(value, limits, 'a number');
  };
}

/** A parser for an option that is a whole number; see {@link decimalNumber}. */
export function wholeNumber(limits: Limits = {}): (text: string) => number {
  return (text) => {
    const value = WHOLE_NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('It must be a whole number.');
    return within(value, limits, 'a whole number');
  };
}

/** The option `--size` of a data set's images. */
export function imageSizeOption(description: string): Option {
  return new Option('--size <pixels>', `${description}: ${alternatives(IMAGE_SIZES.map(String))}`)
    .argParser((text): ImageSize => {
      const size = IMAGE_SIZES.find((one) => String(one) === text.trim());
      if (size !== undefined) return size;
      throw new InvalidArgumentError(`It must be ${alternatives(IMAGE_SIZES.map(String))}.`);
    })
    .default(DEFAULT_IMAGE_SIZE);
}

/** A parser for indices separated by commas, counted from 0: `0,3,7`. None may be named twice. */
export function indexList(text: string): number[] {
  const parse = wholeNumber({ min: 0 });
  const indices = text.split(',').map((part) => {
    if (!WHOLE_NUMBER.test(part.trim())) {
      throw new InvalidArgumentError('It must be whole numbers separated by commas, such as 0,3,7.');
    }
    return parse(part);
  });
  const twice = indices.find((index, i) => indices.indexOf(index) !== i);
  if (twice !== undefined) throw new InvalidArgumentError(`It names ${twice} twice.`);
  return indices;
}

/** A parser for names separated by commas. At least one must be given. */
export function textList(text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('It must be names separated by commas.');
  return names;
}

/** An image named by a person: its index in a data set, or a picture file. */
export type ImageReference = { readonly index: number } | { readonly image: string };

/** Parses the name of an image: digits alone are an index, counted from 0; anything else is a file. */
export function imageReference(text: string): ImageReference {
  return WHOLE_NUMBER.test(text) ? { index: wholeNumber({ min: 0 })(text) } : { image: text };
}

/**
 * Checks that indices are below a count.
 *
 * @param option - the option that they come from, such as `--dims`
 * @param things - what is counted, such as `10 latent dimensions`
 * @throws UsageError naming the option and the first index that is too large
 */
export function checkIndices(
  option: string,
  indices: readonly number[],
  count: number,
  things: string,
): void {
  const outside = indices.find((index) => index >= count);
  if (outside === undefined) return;
  throw new UsageError(
    `${option} names ${whole(outside)}, but there ${count === 1 ? 'is' : 'are'} only ${things}.`,
    count === 0 ? undefined : `Name ${count === 1 ? 'only 0' : `indices from 0 to ${whole(count - 1)}`}.`,
  );
}

/**
 * The extension of an output file.
 *
 * @param allowed - the allowed extensions, in lower case and with their dots
 * @returns the path's extension in lower case
 * @throws UsageError naming those that are allowed
 */
export function outputKind<E extends string>(path: string, allowed: readonly E[]): E {
  const extension = extname(path).toLowerCase();
  const kind = allowed.find((one) => one === extension);
  if (kind !== undefined) return kind;
  throw new UsageError(`--out ${path} must end in ${alternatives(allowed)}.`);
}
