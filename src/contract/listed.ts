/** `smile, glasses and 3 more`; without a limit, and of few things, all: `smile and glasses`. */
export function listed(things: readonly string[], most = Infinity): string {
  const shown = things.length > most ? things.slice(0, most - 1) : things;
  const rest = things.length - shown.length;
  const all = rest > 0 ? [...shown, `${rest} more`] : shown;
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
