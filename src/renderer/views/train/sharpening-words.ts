import type { DecoderMeasurement } from '../../../contract/sharpening.ts';
import { wholeNumber } from '../../components/format.ts';

type Mean = DecoderMeasurement['sharpness'];

/** A mean with three digits or more. */
export function meanText(value: number): string {
  return value >= 100 ? wholeNumber(Math.round(value)) : value.toPrecision(3);
}

/** `× 2.13`; empty where there is nothing to compare with. */
export function changeText(before: Mean | undefined, after: Mean): string {
  return before && before.value > 0 ? `× ${(after.value / before.value).toFixed(2)}` : '';
}
