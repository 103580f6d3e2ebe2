import { LEAST_NAMED_SHARE } from '../../../../contract/activity.ts';
import type { Dimension } from '../../../../contract/operations/codes.ts';
import { capitalised, percentText } from '../../../components/format.ts';

const NUMBER_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** What a slider moves, by its symbol. */
const KINDS = {
  z: { one: 'dimension', many: 'dimensions' },
  a: { one: 'axis', many: 'axes' },
} as const;

export const INACTIVE_MEANING = 'It is inactive: moving it changes nothing.';

/** A dimension's name; one that several dimensions have says so: `Hair colour, two dimensions`. Empty without a name. */
export function nameWords({ name, sameName = 1 }: Dimension, symbol: 'z' | 'a' = 'z'): string {
  if (name === undefined) return '';
  return sameName < 2
    ? capitalised(name)
    : `${capitalised(name)}, ${NUMBER_WORDS[sameName] ?? sameName} ${KINDS[symbol].many}`;
}

/** What a name and its strength mean, or why there is none. */
export function nameMeaning(
  { name, bits = 0, share, sameName = 1 }: Dimension,
  symbol: 'z' | 'a' = 'z',
): string {
  const { one, many } = KINDS[symbol];
  if (name === undefined) {
    return `It has no name, because it tells less than ${percentText(LEAST_NAMED_SHARE)} of every label.`;
  }
  const part = share === undefined ? '' : `, ${percentText(share)} of its information`;
  const others =
    sameName < 2
      ? ''
      : ` ${capitalised(NUMBER_WORDS[sameName] ?? String(sameName))} ${many} tell most about it.`;
  return `Of all labels and factors, this ${one} tells most about “${capitalised(name)}”: ${bits.toFixed(2)} bits${part}.${others}`;
}
