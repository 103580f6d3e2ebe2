import * as v from 'valibot';
import { writePrivateFile } from '../system/atomic.ts';
import { readJsonFileSync } from '../system/read-file.ts';

const pixels = v.pipe(v.number(), v.integer(), v.minValue(-100_000), v.maxValue(100_000));
const length = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(100_000));

const PlaceSchema = v.object({
  version: v.literal(1),
  bounds: v.object({ x: pixels, y: pixels, width: length, height: length }),
  isMaximized: v.boolean(),
});

/** A rectangle on the screens, in their common coordinates. */
export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the window is, or was. */
export type WindowPlace = v.InferOutput<typeof PlaceSchema>;

/** What a window opens with: its place where that is still on a screen, or a size that the system places. */
export interface OpeningPlace {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly isMaximized: boolean;
}

const USUAL: OpeningPlace = { width: 1440, height: 900, isMaximized: false };
/** So much of the window's top must be on a screen, or nobody could take hold of it. */
const HOLD = { width: 120, height: 40 };

/** Reads a place that was kept; undefined where there is none, or none of ours. */
export function readPlace(path: string): WindowPlace | undefined {
  try {
    return readJsonFileSync(path, {
      schema: PlaceSchema,
      mostBytes: 10_000,
      otherwise: 'does not say where the window was',
      hint: 'Remove it.',
    });
  } catch {
    return undefined;
  }
}

/** Keeps a place. That it could not be kept is no reason to bother anybody. */
export async function savePlace(path: string, place: Omit<WindowPlace, 'version'>): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify({ version: 1, ...place })}\n`).catch(() => undefined);
}

/**
 * Where a window opens: where it was, unless that screen has gone; never larger than a screen.
 *
 * @param screens - their areas without task bars; the first is the main one
 */
export function openingPlace(kept: WindowPlace | undefined, screens: readonly Bounds[]): OpeningPlace {
  const [main] = screens;
  const { width, height } = kept?.bounds ?? USUAL;
  const screen = kept && screens.find((area) => isReachable(kept.bounds, area));
  const fitting = screen ?? main;
  return {
    width: Math.min(width, fitting?.width ?? width),
    height: Math.min(height, fitting?.height ?? height),
    ...(screen ? { x: kept.bounds.x, y: kept.bounds.y } : {}),
    isMaximized: kept?.isMaximized ?? USUAL.isMaximized,
  };
}

function isReachable(bounds: Bounds, area: Bounds): boolean {
  const right = Math.min(bounds.x + bounds.width, area.x + area.width);
  const width = right - Math.max(bounds.x, area.x);
  return width >= HOLD.width && bounds.y >= area.y && bounds.y + HOLD.height <= area.y + area.height;
}
