import { isYesNo, rescaleDate, wordsOf } from '../../contract/label-values.ts';
import type { Condition } from '../../contract/run.ts';
import { parseDates } from '../basics/dates.ts';

const YES = ['yes', 'true', '1'];
const NO = ['no', 'false', '0', '-1'];

/**
 * Parses a value that a person has written: a word of the column, yes or no, a date, or a number with its unit or
 * without.
 *
 * @returns the column's value, or a hint about allowed values
 */
export function parseCondition(condition: Condition, text: string): number | { readonly hint: string } {
  const { column, type, unit, date } = condition;
  const word = text.trim().toLowerCase();
  if (type !== 'continuous') {
    const found = wordsOf(condition).findIndex((each) => each.toLowerCase() === word);
    if (found >= 0) return found;
    if (type === 'binary' && [...YES, ...NO].includes(word)) return YES.includes(word) ? 1 : 0;
    const words = isYesNo(condition) ? 'yes or no' : `one of ${wordsOf(condition).join(', ')}`;
    return { hint: `${column} is ${words}.` };
  }
  if (date) {
    const parsed = parseDates('date', [text.trim()]);
    if (!parsed) return { hint: `${column} is a date, such as ${date.from}.` };
    return rescaleDate([...parsed.values.values()][0]!, parsed.date, date);
  }
  const isWithUnit = unit !== undefined && word.endsWith(unit.toLowerCase());
  const number = isWithUnit ? word.slice(0, -unit.length).trim() : word;
  const value = number === '' ? Number.NaN : Number(number);
  return Number.isFinite(value) ? value : { hint: `${column} is a number.` };
}
