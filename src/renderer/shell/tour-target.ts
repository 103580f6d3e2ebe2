import type { TourStep } from '../state/tour-steps.ts';

/** Where a target is in the window, with a little room around it, pixels of the page. */
export interface Spot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const ROOM_PX = 4;
/** The ring around the spot stays inside the window. */
const EDGE_PX = 4;

/** The card's width and about its height, with the distance to the spot and to the window's edge. */
const CARD = { width: 328 + 32, height: 200 + 32 };

/**
 * Where the card has room beside the spot: on the side that its step prefers, or on another.
 *
 * @returns undefined where it has none, in a small window or beside a large target
 */
export function sideWithRoom(spot: Spot, preferred: TourStep['side']): TourStep['side'] | undefined {
  const hasRoom = {
    left: spot.left >= CARD.width,
    right: innerWidth - spot.left - spot.width >= CARD.width,
    top: spot.top >= CARD.height,
    bottom: innerHeight - spot.top - spot.height >= CARD.height,
  };
  const sides = [preferred, 'right', 'left', 'bottom', 'top'] as const;
  return sides.find((side) => hasRoom[side]);
}

/** The element of the window with this `data-tour` that is seen; undefined while there is none. */
export function findTarget(name: string): HTMLElement | undefined {
  const named = document.querySelectorAll<HTMLElement>(`[data-tour="${name}"]`);
  return [...named].find((element) => {
    const { width, height } = element.getBoundingClientRect();
    return width > 0 && height > 0 && getComputedStyle(element).visibility !== 'hidden';
  });
}

/** The part of the window around an element; undefined while it is scrolled out of the window. */
export function spotOf(element: HTMLElement): Spot | undefined {
  const box = element.getBoundingClientRect();
  const left = Math.max(EDGE_PX, box.left - ROOM_PX);
  const top = Math.max(EDGE_PX, box.top - ROOM_PX);
  const right = Math.min(innerWidth - EDGE_PX, box.right + ROOM_PX);
  const bottom = Math.min(innerHeight - EDGE_PX, box.bottom + ROOM_PX);
  return right > left && bottom > top ? { left, top, width: right - left, height: bottom - top } : undefined;
}

/** Whether nothing has moved. */
export function isSameSpot(one: Spot | undefined, other: Spot | undefined): boolean {
  return (
    one?.left === other?.left &&
    one?.top === other?.top &&
    one?.width === other?.width &&
    one?.height === other?.height
  );
}
