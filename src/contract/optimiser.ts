import * as v from 'valibot';

const positive = v.pipe(v.number(), v.finite(), v.minValue(1e-9));

/** How the learning rate changes: it stays, or falls to 0 along half a cosine (Loshchilov & Hutter 2017). */
export const ScheduleSchema = v.picklist(['constant', 'cosine']);
export type Schedule = v.InferOutput<typeof ScheduleSchema>;

/** Settings of Adam that the paper does not use. What is left out is not done. */
export const OptimiserSchema = v.object({
  schedule: v.exactOptional(ScheduleSchema),
  /** Steps over which the learning rate rises from 0. */
  warmUpSteps: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(10_000_000))),
  /** The greatest norm of all gradients together: larger ones are scaled down to it (Pascanu et al. 2013). */
  clipNorm: v.exactOptional(v.pipe(positive, v.maxValue(1e9))),
  /** Part of each filter and matrix that is taken away at every step, times the learning rate (Loshchilov & Hutter 2019). */
  weightDecay: v.exactOptional(v.pipe(positive, v.maxValue(1))),
  /** Decay of the moving average of the weights, with which the model is evaluated; the training goes on with its own. */
  averageDecay: v.exactOptional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(0.999_999))),
});
export type Optimiser = v.InferOutput<typeof OptimiserSchema>;

/** The steps between which a learning rate holds: of the whole training, or since it was continued. */
export interface Stage {
  readonly from: number;
  readonly to: number;
}

/**
 * What the learning rate is multiplied by at a step.
 *
 * With T steps of a stage and w of warm-up in the first one: (t + 1)/w while t < w; then 1, or for `cosine`
 * ½(1 + cos(π(t − w)/(T − w))).
 *
 * @param step - number of steps of the training before this one
 */
export function rateFactor(
  { schedule = 'constant', warmUpSteps = 0 }: Optimiser,
  { from, to }: Stage,
  step: number,
): number {
  const warmUp = from === 0 ? Math.min(warmUpSteps, to) : 0;
  const done = step - from;
  if (done < warmUp) return (done + 1) / warmUp;
  if (schedule === 'constant') return 1;
  return 0.5 * (1 + Math.cos((Math.PI * (done - warmUp)) / Math.max(1, to - from - warmUp)));
}

/** What a training adds to Adam, in words: `cosine schedule`. */
export function optimiserWords({
  schedule,
  warmUpSteps,
  clipNorm,
  weightDecay,
  averageDecay,
}: Optimiser): string[] {
  return [
    ...(schedule === 'cosine' ? ['cosine schedule'] : []),
    ...(warmUpSteps === undefined
      ? []
      : [`warm-up of ${warmUpSteps.toLocaleString('en')} step${warmUpSteps === 1 ? '' : 's'}`]),
    ...(clipNorm === undefined ? [] : [`gradients clipped at norm ${clipNorm}`]),
    ...(weightDecay === undefined ? [] : [`weight decay ${weightDecay}`]),
    ...(averageDecay === undefined ? [] : [`weights averaged with ${averageDecay}`]),
  ];
}
