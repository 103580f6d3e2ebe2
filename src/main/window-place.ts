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

/** The stored position and size of the window. */
export type WindowPlace = v.InferOutput<typeof PlaceSchema>;

/** How the window opens: at its stored position if that is on a screen, or where the system places it. */
export interface OpeningPlace {
  readonly width: number;
  readonly height: number;
  readonly x?: number;
  readonly y?: number;
  readonly isMaximized: boolean;
}

const DEFAULT: OpeningPlace = { width: 1440, height: 900, isMaximized: false };
/** How much of the window's title bar must be on a screen, so that it can be dragged. */
const REACHABLE = { width: 120, height: 40 };

/** Reads the stored place; undefined where there is none, or it is not valid. */
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

/** Stores the window's place. Errors are ignored, because only its position would be lost. */
export async function savePlace(path: string, place: Omit<WindowPlace, 'version'>): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify({ version: 1, ...place })}\n`).catch(() => undefined);
}

/**
 * Where the window opens: at its stored position, unless that is on no screen, and never larger than a screen.
 *
 * @param screens - the screens' areas without task bars; the first is the main screen's
 */
export function openingPlace(kept: WindowPlace | undefined, screens: readonly Bounds[]): OpeningPlace {
  const [main] = screens;
  const { width, height } = kept?.bounds ?? DEFAULT;
  const screen = kept && screens.find((area) => isReachable(kept.bounds, area));
  const fitting = screen ?? main;
  return {
    width: Math.min(width, fitting?.width ?? width),
    height: Math.min(height, fitting?.height ?? height),
    ...(screen ? { x: kept.bounds.x, y: kept.bounds.y } : {}),
    isMaximized: kept?.isMaximized ?? DEFAULT.isMaximized,
  };
}

function isReachable(bounds: Bounds, area: Bounds): boolean {
  const right = Math.min(bounds.x + bounds.width, area.x + area.width);
  const width = right - Math.max(bounds.x, area.x);
  return (
    width >= REACHABLE.width && bounds.y >= area.y && bounds.y + REACHABLE.height <= area.y + area.height
  );
}
