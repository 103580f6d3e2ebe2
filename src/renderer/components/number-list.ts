/** What was typed as a list of numbers, separated by commas, semicolons or spaces. */
export type NumberList = { readonly values: readonly number[] } | { readonly refused: string };

/** More runs than anybody waits for. */
const MOST = 20;

/**
 * Reads a list of different numbers.
 *
 * @param refuse - why one of them cannot be used, in a sentence
 */
export function readNumberList(text: string, refuse: (value: number) => string | undefined): NumberList {
  const words = text
    .replaceAll('−', '-')
    .split(/[\s,;]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return { refused: 'Type one number or more, such as 1, 4, 16.' };
  if (words.length > MOST) return { refused: `At most ${MOST} numbers.` };
  const values = words.map(Number);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) return { refused: `“${words[wrong]!}” is no number.` };
  const refused = values.map(refuse).find((message) => message !== undefined);
  if (refused !== undefined) return { refused };
  if (new Set(values).size < values.length) return { refused: 'Each number once.' };
  return { values };
}

/** A list as it is typed. */
export function numberListText(values: readonly number[]): string {
  return values.join(', ');
}
