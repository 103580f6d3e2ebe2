import { aboutDuration, wholeNumber } from '../../../components/format.ts';

/** How many images a model will see, how fast, and how long its training takes with all that follows its epochs. */
export interface Effort {
  readonly images: number;
  readonly rate: number;
  readonly seconds: number;
}

/**
 * What is known beforehand of how long it takes: `about 18 min at 412 images / s`.
 *
 * @param efforts - undefined for a training whose speed is not known
 */
export function estimateWords(efforts: readonly (Effort | undefined)[]): string | undefined {
  let [seconds, inSteps, images] = [0, 0, 0];
  for (const effort of efforts) {
    if (effort === undefined) return undefined;
    seconds += effort.seconds;
    inSteps += effort.images / effort.rate;
    images += effort.images;
  }
  if (efforts.length === 0) return undefined;
  const rate = images / inSteps;
  const speed = `${rate < 10 ? rate.toFixed(1) : wholeNumber(rate)} images / s`;
  return efforts.length === 1
    ? `${aboutDuration(seconds)} at ${speed}`
    : `${aboutDuration(seconds)} for all ${efforts.length}, at ${speed}`;
}
