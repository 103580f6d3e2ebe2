/** One key of the keyboard and what it does, for the person's list of keys too. */
export interface Shortcut {
  /** As `KeyboardEvent.key`; several do the same. */
  readonly keys: readonly string[];
  /** Where the list of keys shows it. */
  readonly group: string;
  readonly description: string;
  /** How the list shows the keys; the keys themselves if left out. */
  readonly shown?: readonly string[];
  readonly run: (event: KeyboardEvent) => void;
}

const registered = new Set<readonly Shortcut[]>();

/** All shortcuts that are in force now. */
export function activeShortcuts(): Shortcut[] {
  return [...registered].flat();
}

/**
 * Puts keys in force.
 *
 * @returns takes them out again
 */
export function registerShortcuts(shortcuts: readonly Shortcut[]): () => void {
  registered.add(shortcuts);
  return () => registered.delete(shortcuts);
}

/** True where a key is typed rather than pressed: in fields, and in open lists and sheets. */
function isTaken({ target }: KeyboardEvent, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.closest(
      'input:not([type=range]), textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu]',
    )
  ) {
    return true;
  }
  // A focused button takes its own keys; a slider its arrows.
  if (
    (key === ' ' || key === 'Enter') &&
    target.closest('button, a, [role=button], [role=radio], [role=switch]')
  )
    return true;
  return (
    key.startsWith('Arrow') &&
    target.closest('[role=slider], input[type=range], [role=radiogroup], [role=grid]') !== null
  );
}

/** Gives a key press to the first shortcut that wants it. */
export function pressShortcut(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTaken(event, event.key)) return;
  const shortcut = activeShortcuts().findLast(({ keys }) => keys.includes(event.key));
  if (!shortcut) return;
  event.preventDefault();
  shortcut.run(event);
}
