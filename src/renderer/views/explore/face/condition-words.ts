import type { Condition } from '../../../../contract/condition.ts';
import { valueText, withUnit } from '../../../../contract/label-values.ts';
import { signed } from '../../../components/format.ts';

/** So many digits of a number that less than a tenth of its column’s deviation can be seen. */
export function conditionDigits({ deviation = 1 }: Condition): number {
  return Math.min(6, Math.max(0, 2 - Math.ceil(Math.log10(deviation))));
}

/** The condition as people read it: `Yes`, `brown`, `2026-03-01`, `12.0 µM`, `−0.35`. */
export function conditionText(condition: Condition, value: number): string {
  const { type, date, unit } = condition;
  if (type !== 'continuous' || date) return valueText(condition, value);
  return withUnit(signed(value, conditionDigits(condition)), unit);
}

/** A number of a continuous column in deviations from the column's mean, as the model is given it. */
export function toDeviations({ mean = 0, deviation = 1 }: Condition, value: number): number {
  return (value - mean) / deviation;
}

/** The number that is so many deviations from the column's mean, with no more digits than are shown. */
export function fromDeviations(condition: Condition, deviations: number): number {
  const { mean = 0, deviation = 1 } = condition;
  return Number((mean + deviations * deviation).toFixed(conditionDigits(condition)));
}
