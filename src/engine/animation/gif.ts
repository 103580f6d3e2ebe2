import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnravelError } from '../../contract/errors.ts';
import { PaletteMapper } from './dither.ts';
import { choosePalette, exactPalette } from './palette.ts';
import { withChannels, type Colour, type Picture } from '../pictures/picture.ts';

/** The used part of gifenc, which has no type declarations. */
interface Gifenc {
  GIFEncoder(): {
    writeFrame(
      indices: Uint8Array,
      width: number,
      height: number,
      /** `palette` with the first frame serves all; `delay` in milliseconds; `repeat` 0: for ever. */
      options: { palette?: readonly Colour[]; delay: number; repeat?: number },
    ): void;
    finish(): void;
    bytes(): Uint8Array;
  };
}

// Required, because its CommonJS names are found by bundlers but not by Node's own import.
const gifenc = createRequire(import.meta.url)('gifenc') as Gifenc;

/** The speed of a GIF: frames per second, or the duration of each frame. */
export type GifSpeed = { readonly fps: number } | { readonly frameDelayMs: number };

/** What a GIF is made of. */
export type GifOptions = GifSpeed & {
  /** In the order they are shown, all of one size; each becomes one frame of the file, changed or not. */
  readonly frames: Iterable<Picture> | AsyncIterable<Picture>;
  /** Colours that must be shown exactly: surfaces and text. */
  readonly reserved?: readonly Colour[];
  /** Use a fixed dither pattern against bands in smooth areas. Default: true. */
  readonly dither?: boolean;
};

/** Browsers play shorter delays as 100 ms. */
const SHORTEST_DELAY_CS = 2;
const LONGEST_DELAY_CS = 65_535;
const WIDEST = 65_535;
/** Number of pixels mapped between two turns of the event loop: some milliseconds, even for new colours. */
const PIXELS_PER_TURN = 32_768;

function refuse(message: string, hint: string): UnravelError {
  return new UnravelError('bad-input', message, { hint });
}

/**
 * The delays of a GIF's frames. The format counts hundredths of a second, so a speed that does not divide 100 is
 * rounded alternately: at 30 frames per second they last 3, 4, 3, 3, 4, 3 … hundredths, and the total duration is
 * correct.
 *
 * @returns `[frames]`, hundredths of a second
 * @throws UnravelError `bad-input` for more than 50 frames a second, which browsers would play at 10
 */
export function frameDelays(frames: number, speed: GifSpeed): number[] {
  const fps = 'fps' in speed ? speed.fps : 1000 / speed.frameDelayMs;
  if (!(fps > 0 && fps <= 100 / SHORTEST_DELAY_CS)) {
    throw refuse(
      'fps' in speed
        ? `A GIF cannot show ${speed.fps} frames a second.`
        : `A GIF cannot show a frame for ${speed.frameDelayMs} ms.`,
      'Choose at most 50 frames a second (20 ms each): browsers slow faster GIFs down to 10.',
    );
  }
  if (100 / fps > LONGEST_DELAY_CS) {
    throw refuse('A GIF cannot show a frame for longer than 655 seconds.', 'Choose a shorter delay.');
  }
  return Array.from(
    { length: frames },
    (_, i) => Math.round((100 * (i + 1)) / fps) - Math.round((100 * i) / fps),
  );
}

/** An animation as a GIF has it: one palette, and every pixel a byte of it. */
export interface IndexedAnimation {
  readonly width: number;
  readonly height: number;
  /** At most 256. */
  readonly palette: readonly Colour[];
  /** Each `[height × width]`. */
  readonly frames: readonly Uint8Array[];
  /** Duration of each frame, hundredths of a second. */
  readonly delaysCs: readonly number[];
}

/** The palette for all frames, and what maps a frame to it: grey as it is, few colours exactly, many by the best 256. */
async function prepare(
  frames: readonly Picture[],
  { reserved = [], dither = true }: Pick<GifOptions, 'reserved' | 'dither'>,
): Promise<{ palette: Colour[]; indicesOf: (frame: Picture) => Promise<Uint8Array> }> {
  if (frames.every(({ channels }) => channels === 1)) {
    return {
      palette: Array.from({ length: 256 }, (_, value) => [value, value, value]),
      indicesOf: ({ data }) => Promise.resolve(data),
    };
  }
  const inColour = frames.map((frame) => withChannels(frame, 3));
  const palette = exactPalette(inColour, reserved) ?? (await choosePalette(inColour, reserved));
  const mapper = new PaletteMapper(palette, dither);
  return { palette, indicesOf: (frame) => mapInBands(mapper, withChannels(frame, 3)) };
}

/** Maps a frame a band of rows at a time; the pattern repeats every four rows, so bands fit together. */
async function mapInBands(mapper: PaletteMapper, frame: Picture): Promise<Uint8Array> {
  const { width, height, data } = frame;
  const indices = new Uint8Array(width * height);
  const rows = 4 * Math.max(1, Math.floor(PIXELS_PER_TURN / (4 * width)));
  for (let top = 0; top < height; top += rows) {
    const bottom = Math.min(height, top + rows);
    const band = data.subarray(3 * width * top, 3 * width * bottom);
    indices.set(mapper.map({ ...frame, height: bottom - top, data: band }), width * top);
    await nextTurn();
  }
  return indices;
}

/**
 * Finds one palette for all frames, so that unchanged parts of the picture do not flicker. Grey images and images
 * with at most 256 colours are exact. Other work runs between frames.
 *
 * @throws UnravelError `bad-input` for a speed or size that a GIF cannot have
 * @throws RangeError when there is no frame, or sizes differ
 */
export async function quantise(options: GifOptions): Promise<IndexedAnimation> {
  // All frames are collected first, because the palette depends on all of them.
  const pictures: Picture[] = [];
  for await (const frame of options.frames) {
    pictures.push(frame);
    await nextTurn();
  }
  const first = pictures[0];
  if (!first) throw new RangeError('A GIF needs at least one frame.');
  const { width, height } = first;
  if (pictures.some((frame) => frame.width !== width || frame.height !== height)) {
    throw new RangeError('The frames of a GIF must be of one size.');
  }
  if (width > WIDEST || height > WIDEST) {
    throw refuse(
      `A GIF cannot be ${width}×${height} pixels large.`,
      'Choose smaller tiles or fewer dimensions.',
    );
  }
  const delaysCs = frameDelays(pictures.length, options);
  const { palette, indicesOf } = await prepare(pictures, options);
  const frames: Uint8Array[] = [];
  for (const picture of pictures) frames.push(await indicesOf(picture));
  return { width, height, palette, frames, delaysCs };
}

/**
 * Writes an animation that loops for ever, with one frame in the file for each frame, changed or not. Other work
 * runs between frames.
 *
 * @returns the file
 */
export async function encodeIndexed(animation: IndexedAnimation): Promise<Uint8Array> {
  const { width, height, palette, frames, delaysCs } = animation;
  const encoder = gifenc.GIFEncoder();
  for (const [i, frame] of frames.entries()) {
    encoder.writeFrame(frame, width, height, {
      delay: delaysCs[i]! * 10,
      ...(i === 0 ? { palette, repeat: 0 } : {}),
    });
    await nextTurn();
  }
  encoder.finish();
  return encoder.bytes();
}

/**
 * Encodes an animation that loops for ever: {@link quantise}, then {@link encodeIndexed}.
 *
 * @returns the file
 * @throws as {@link quantise}
 */
export async function encodeGif(options: GifOptions): Promise<Uint8Array> {
  return encodeIndexed(await quantise(options));
}
