import type { Item } from './app.svelte.ts';

/** A data set or run that can be restored for a while. */
export interface RecentlyRemoved {
  readonly item: Item;
  /** What the window says of it. */
  readonly message: string;
  readonly wasChosen: boolean;
  /** Until when it can be restored, milliseconds since 1970. */
  readonly until: number;
}

/** Kept for this tab, so that an undo is still offered after a reload. */
const STORED = 'unravel.removed';

/** What was removed and can still be restored. */
export function recentlyRemoved(): readonly RecentlyRemoved[] {
  const text = sessionStorage.getItem(STORED);
  if (text === null) return [];
  // Written by {@link rememberRemoved} only.
  return (JSON.parse(text) as RecentlyRemoved[]).filter(({ until }) => until > Date.now());
}

export function rememberRemoved(removed: RecentlyRemoved): void {
  write([...recentlyRemoved(), removed]);
}

export function forgetRemoved(id: string): void {
  write(recentlyRemoved().filter(({ item }) => item.id !== id));
}

function write(all: readonly RecentlyRemoved[]): void {
  sessionStorage.setItem(STORED, JSON.stringify(all));
}
