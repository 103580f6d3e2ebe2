import type { CarriedLabels } from '../../contract/operations/measure.ts';
import { carriersOf } from './choose-features.ts';
import type { RunCodes } from './run-codes.ts';

/** The information of every dimension of a model about every label and factor that is not constant. */
export function carriedLabels(codes: RunCodes): CarriedLabels {
  const { factors } = codes.sample;
  return {
    columns: factors.map(({ name }) => name),
    dimensions: factors.map((_, f) => carriersOf(codes, f)),
  };
}
