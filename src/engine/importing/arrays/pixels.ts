import { MOST_INTENSITY } from '../../../contract/contrast.ts';
import { plainNumbers, type Numbers, type NumberType, type PlainNumbers } from '../../files/numbers.ts';
import { throwIfCancelled } from '../../basics/cancel.ts';
import type { ArrayChannels, ArrayImages } from './layout.ts';

/**
 * What the numbers of images mean: `mask` 0 and 1 for black and white, `bytes` 0 to 255, `deep` 0 to 65,535, `unit`
 * 0 to 1, `signed` −1 to 1.
 */
export type PixelRange = 'mask' | 'bytes' | 'deep' | 'unit' | 'signed';

/** The smallest and the largest number, and whether some are no numbers. */
export interface Extent {
  readonly least: number;
  readonly most: number;
  readonly hasUnknown: boolean;
}

/** Floats may exceed their range by this part of it, from the rounding of an earlier computation. */
const TOLERANCE = 1e-3;
const MOST_BYTE = 255;

/** Extends an extent by numbers. */
function extended(extent: Extent, numbers: PlainNumbers): Extent {
  let { least, most, hasUnknown } = extent;
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
    if (value !== value) hasUnknown = true;
  }
  return { least, most, hasUnknown };
}

/** The extent of some numbers. */
export function extentOf(pieces: Iterable<Numbers>): Extent {
  let extent: Extent = { least: Infinity, most: -Infinity, hasUnknown: false };
  for (const piece of pieces) extent = extended(extent, plainNumbers(piece));
  return extent;
}

/** Whether further numbers cannot change the meaning of those seen. */
function isDecided(type: NumberType, { most }: Extent): boolean {
  if (type === 'bool') return true;
  if (type === 'uint8') return most > 1;
  return type === 'uint16' && most > MOST_BYTE;
}

/** Reads all images, or as many as are needed to tell what their numbers mean. */
export async function measureExtent(images: ArrayImages, signal: AbortSignal | undefined): Promise<Extent> {
  let extent: Extent = { least: Infinity, most: -Infinity, hasUnknown: false };
  for await (const piece of images.read(0, images.images)) {
    throwIfCancelled(signal);
    extent = extended(extent, plainNumbers(piece));
    if (isDecided(images.type, extent)) break;
  }
  return extent;
}

/** What numbers of a type and an extent mean; undefined if they are no pixels. */
export function rangeOf(type: NumberType, { least, most }: Extent): PixelRange | undefined {
  if (type === 'bool') return 'mask';
  if (!Number.isFinite(least) || !Number.isFinite(most)) return undefined;
  if (type.includes('float')) {
    if (most <= 1 + TOLERANCE) {
      if (least >= -TOLERANCE) return 'unit';
      if (least >= -1 - TOLERANCE) return 'signed';
    }
    const margin = MOST_BYTE * TOLERANCE;
    return least >= -margin && most <= MOST_BYTE + margin ? 'bytes' : undefined;
  }
  if (least < 0) return undefined;
  if (most <= 1) return 'mask';
  if (most <= MOST_BYTE) return 'bytes';
  return most <= MOST_INTENSITY ? 'deep' : undefined;
}

function write(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 6 }).replace('-', '−');
}

/** Why numbers are no pixels. */
export function noPixels({ least, most, hasUnknown }: Extent): string {
  if (!(least <= most)) return hasUnknown ? 'all their values are unknown (NaN)' : 'they have no values';
  return `their values reach from ${write(least)} to ${write(most)}, and pixels are from 0 to 1, −1 to 1, 0 to 255 or 0 to 65,535`;
}

/** A sentence on what the numbers were taken for, where that was not told by their type; undefined otherwise. */
export function sayRange(type: NumberType, range: PixelRange, { least, most, hasUnknown }: Extent): string[] {
  const seen = `The pixels of type ${type} reach from ${write(least)} to ${write(most)}`;
  const notes: string[] = [];
  if (range === 'signed') notes.push(`${seen}, so −1 was taken as black and 1 as white.`);
  else if (range === 'unit') notes.push(`${seen}, so 0 was taken as black and 1 as white.`);
  else if (range === 'bytes' && type !== 'uint8') {
    notes.push(`${seen}, so 0 was taken as black and 255 as white.`);
  } else if (range === 'deep')
    notes.push('The pixels have 16 bits: 0 was taken as black and 65,535 as white.');
  else if (range === 'mask' && type !== 'bool') {
    notes.push('The pixels are 0 and 1, which were taken as black and white.');
  }
  if (hasUnknown) notes.push('Some pixels are no numbers (NaN); they were made black.');
  return notes;
}

/** Numbers times a factor plus an offset, rounded and limited to a range from 0. */
function scaled<T extends Uint8Array | Uint16Array>(
  into: T,
  numbers: PlainNumbers,
  factor: number,
  offset: number,
  limit: number,
): T {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i]! * factor + offset;
    // A number that is none fails both comparisons, and is stored as 0.
    into[i] = value >= limit ? limit : value > 0 ? Math.round(value) : 0;
  }
  return into;
}

/**
 * Numbers as intensities of 8 or 16 bits.
 *
 * @param isExact - whether floats keep 16 bits, for a contrast stretch
 * @returns the numbers themselves where they are bytes already
 */
export function toIntensities(
  numbers: Numbers,
  range: PixelRange,
  isExact: boolean,
): Uint8Array | Uint16Array {
  if (range === 'bytes' && numbers instanceof Uint8Array) return numbers;
  if (range === 'deep' && numbers instanceof Uint16Array) return numbers;
  const plain = plainNumbers(numbers);
  const isFloat = range === 'unit' || range === 'signed';
  const isDeep = range === 'deep' || (isFloat && isExact);
  const limit = isDeep ? MOST_INTENSITY : MOST_BYTE;
  const into = isDeep ? new Uint16Array(plain.length) : new Uint8Array(plain.length);
  if (range === 'signed') return scaled(into, plain, limit / 2, limit / 2, limit);
  return scaled(into, plain, range === 'unit' || range === 'mask' ? limit : 1, 0, limit);
}

/** Lays pixels with transparency over white. */
export function overWhite<T extends Uint8Array | Uint16Array>(pixels: T, channels: ArrayChannels): T {
  if (channels !== 4) return pixels;
  const most = pixels instanceof Uint16Array ? MOST_INTENSITY : MOST_BYTE;
  const count = pixels.length / 4;
  const result = pixels.slice(0, count * 3) as T;
  for (let i = 0; i < count; i++) {
    const alpha = pixels[4 * i + 3]! / most;
    for (let c = 0; c < 3; c++) {
      result[3 * i + c] = Math.round(pixels[4 * i + c]! * alpha + most * (1 - alpha));
    }
  }
  return result;
}
