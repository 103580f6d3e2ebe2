import type { Condition } from '../../contract/run.ts';

/** The number of values that encode a condition. */
export function conditionWidth({ type, categories }: Condition): number {
  return type === 'categorical' ? (categories?.length ?? 0) : 1;
}

/**
 * Encodes a column's values as conditions: binary values unchanged, categories one-hot, continuous values
 * standardised. Unknown values (NaN) are replaced by the default.
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
 * Parses a value that a person has written: yes or no, a category's name, or a number.
 *
 * @returns the column's value, or a hint about allowed values
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
