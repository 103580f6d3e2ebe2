import type { Condition } from '../../contract/run.ts';

/** Numbers that a condition's value becomes. */
export function conditionWidth({ type, categories }: Condition): number {
  return type === 'categorical' ? (categories?.length ?? 0) : 1;
}

/**
 * A column's values as conditions: a binary value as it is, a category one-hot, a continuous one
 * standardised. Unknown values (NaN) become the usual one.
 *
 * @returns `[values.length, conditionWidth]`
 */
export function encodeCondition(condition: Condition, values: ArrayLike<number>): Float32Array {
  const width = conditionWidth(condition);
  const { type, usual, mean = 0, deviation = 1 } = condition;
  const rows = new Float32Array(values.length * width);
  for (let i = 0; i < values.length; i++) {
    const value = Number.isNaN(values[i]!) ? usual : values[i]!;
    if (type === 'categorical') rows[i * width + value] = 1;
    else rows[i] = type === 'continuous' ? (value - mean) / deviation : value;
  }
  return rows;
}

const YES = ['yes', 'true', '1'];
const NO = ['no', 'false', '0', '-1'];

/**
 * Reads a value as people write it: yes or no, a category's name, or a number.
 *
 * @returns the column's value, or what there would be
 */
export function parseCondition(
  { column, type, categories = [] }: Condition,
  text: string,
): number | { readonly hint: string } {
  const word = text.trim().toLowerCase();
  if (type === 'categorical') {
    const found = categories.findIndex((category) => category.toLowerCase() === word);
    return found >= 0 ? found : { hint: `${column} is one of ${categories.join(', ')}.` };
  }
  if (type === 'binary') {
    if (YES.includes(word)) return 1;
    return NO.includes(word) ? 0 : { hint: `${column} is yes or no.` };
  }
  const value = word === '' ? Number.NaN : Number(word);
  return Number.isFinite(value) ? value : { hint: `${column} is a number.` };
}
