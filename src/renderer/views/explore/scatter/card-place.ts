/** A rectangle of the page or a part of it, pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
interface Spot {
  readonly x: number;
  readonly y: number;
}

const GAP_PX = 16;
const EDGE_PX = 8;
/** The pinned ring and the live halo, with a little air. */
const KEEP_CLEAR_PX = 18;

/**
 * Where a card beside a point stands: to the right, to the left, below or above, wherever it lies inside the room and
 * covers none of the spots; where none of these is free, elsewhere in the room, the nearest first; where nothing is
 * free at all, the place that covers least.
 */
export function placeCard(
  point: Spot,
  size: { readonly width: number; readonly height: number },
  room: { readonly width: number; readonly height: number },
  spots: readonly Spot[],
): Spot {
  let best: Spot = { x: 0, y: 0 };
  let fewest = Infinity;
  for (const wish of [...wishes(point, size), ...anywhere(point, size, room)]) {
    const x = Math.round(clamp(wish.x, EDGE_PX, room.width - size.width - EDGE_PX));
    const y = Math.round(clamp(wish.y, EDGE_PX, room.height - size.height - EDGE_PX));
    const covered = cost({ left: x, top: y, ...size }, point, spots);
    if (covered < fewest) {
      fewest = covered;
      best = { x, y };
    }
    if (fewest === 0) break;
  }
  return best;
}

/** What a place costs. A spot under the card is worse than any number of rings that the card touches. */
function cost(box: Box, point: Spot, spots: readonly Spot[]): number {
  const under = [point, ...spots].filter((spot) => covers(box, spot, 0)).length;
  // The point itself counts double: a card that jumps onto it would hide what it tells of.
  const near =
    (covers(box, point, 4) ? 2 : 0) + spots.filter((spot) => covers(box, spot, KEEP_CLEAR_PX)).length;
  return under * 10 + near;
}

function* wishes(
  { x, y }: Spot,
  { width, height }: { readonly width: number; readonly height: number },
): Generator<Spot> {
  const right = x + GAP_PX;
  const left = x - GAP_PX - width;
  const middle = y - height * 0.4;
  yield { x: right, y: middle };
  yield { x: left, y: middle };
  for (const across of [right, left]) {
    yield { x: across, y: y + GAP_PX };
    yield { x: across, y: y - GAP_PX - height };
  }
  yield { x: x - width / 2, y: y + GAP_PX };
  yield { x: x - width / 2, y: y - GAP_PX - height };
}

/** Places side by side that fill the room, the nearest to the point first: among more places than spots one is free. */
function anywhere(
  { x, y }: Spot,
  { width, height }: { readonly width: number; readonly height: number },
  room: { readonly width: number; readonly height: number },
): Spot[] {
  const places: Spot[] = [];
  for (let left = EDGE_PX; left + width + EDGE_PX <= room.width; left += width)
    for (let top = EDGE_PX; top + height + EDGE_PX <= room.height; top += height)
      places.push({ x: left, y: top });
  const away = (place: Spot): number => Math.hypot(place.x + width / 2 - x, place.y + height / 2 - y);
  return places.sort((first, second) => away(first) - away(second));
}

function covers({ left, top, width, height }: Box, { x, y }: Spot, margin: number): boolean {
  return x > left - margin && x < left + width + margin && y > top - margin && y < top + height + margin;
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
