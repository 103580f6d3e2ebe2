import * as v from 'valibot';
import { isVariational, type Objective } from './objective.ts';

/**
 * How the posterior's standard deviation follows from s, the second half of what the encoder gives.
 *
 * - `exp`: exp(½s), so that s is log Σ, as in the paper's text and in most programs.
 * - `softplus`: softplus(exp(s)), as in the paper's program, whose `IndependentNormal` puts a softplus on the exponential. It
 *   is never less than ln 2 = 0.69.
 */
export const DeviationSchema = v.picklist(['exp', 'softplus']);
export type Deviation = v.InferOutput<typeof DeviationSchema>;

/** The formula of a deviation that is not the usual one, in words; undefined for the usual one. */
export function deviationWords(deviation: Deviation | undefined): string | undefined {
  return deviation === 'softplus' ? 'standard deviation softplus(exp(s))' : undefined;
}

/** A config without a deviation where its model has no posterior, which several models' settings may share. */
export function withOwnDeviation<
  T extends { readonly objective: Objective; readonly deviation?: Deviation | undefined },
>(config: T): T {
  if (config.deviation === undefined || isVariational(config.objective)) return config;
  const { deviation: _none, ...rest } = config;
  return rest as T;
}
