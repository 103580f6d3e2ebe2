import type { Command } from 'commander';
import { decimalNumber, wholeNumber } from './parse.ts';

/** Options of figures that move. */
export interface MotionOptions {
  readonly frames?: number;
  readonly fps: number;
  readonly pingPong?: true;
  readonly size?: number;
}

/** Default number of frames of a GIF, and of columns of a PNG strip. */
const GIF_FRAMES = 24;
const STRIP_COLUMNS = 11;
/** Default width of a tile in pixels, in a GIF and in a PNG strip. */
const GIF_TILE_PX = 256;
const STRIP_TILE_PX = 128;

/** A parser for the width of a tile. */
export const tileSize = wholeNumber({ min: 8, max: 2048 });

/** Adds the options of figures that move. */
export function addMotionOptions(command: Command): Command {
  return command
    .option(
      '--frames <number>',
      `frames of the GIF, or columns of the PNG (default: ${GIF_FRAMES}, ${STRIP_COLUMNS})`,
      wholeNumber({ min: 2, max: 1000 }),
    )
    .option('--fps <number>', 'frames per second', decimalNumber({ min: 0.1, max: 50 }), 20)
    .option('--ping-pong', 'play forwards, then backwards')
    .option(
      '--size <pixels>',
      `width of a face (default: ${GIF_TILE_PX}, in a PNG ${STRIP_TILE_PX})`,
      tileSize,
    );
}

/** Fills in the defaults of {@link addMotionOptions}, which depend on the kind of file. */
export function motionFor(
  kind: '.gif' | '.png',
  { frames, size }: MotionOptions,
): { readonly frames: number; readonly tileSizePx: number } {
  return kind === '.gif'
    ? { frames: frames ?? GIF_FRAMES, tileSizePx: size ?? GIF_TILE_PX }
    : { frames: frames ?? STRIP_COLUMNS, tileSizePx: size ?? STRIP_TILE_PX };
}
