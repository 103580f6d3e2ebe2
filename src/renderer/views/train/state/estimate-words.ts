import { wholeNumber } from '../../../components/format.ts';

/** A time to come, rounded as far as it can be known: `about 18 min`, `about 1 h 10 min`. */
export function aboutDuration(seconds: number): string {
  if (seconds < 55) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${Math.max(1, minutes)} min`;
  if (minutes < 600) {
    const rounded = Math.round(minutes / 5) * 5;
    const rest = rounded % 60;
    return `about ${Math.floor(rounded / 60)} h${rest ? ` ${rest} min` : ''}`;
  }
  // Each from the seconds themselves: what is rounded twice may be off by more than either says.
  const hours = Math.round(seconds / 3600);
  return hours < 72 ? `about ${hours} h` : `about ${Math.round(seconds / 86_400)} days`;
}

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
