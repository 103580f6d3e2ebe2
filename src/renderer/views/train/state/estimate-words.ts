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

/** How many images a model will see, and how fast; the rate is undefined while it is not known. */
export interface Effort {
  readonly images: number;
  readonly rate: number | undefined;
}

/** What is known beforehand of how long it takes: `about 18 min at 412 images / s`. */
export function estimateWords(efforts: readonly Effort[]): string | undefined {
  let seconds = 0;
  let images = 0;
  for (const effort of efforts) {
    if (effort.rate === undefined || effort.rate <= 0) return undefined;
    seconds += effort.images / effort.rate;
    images += effort.images;
  }
  if (efforts.length === 0 || seconds === 0) return undefined;
  const rate = images / seconds;
  const speed = `${rate < 10 ? rate.toFixed(1) : wholeNumber(rate)} images / s`;
  return efforts.length === 1
    ? `${aboutDuration(seconds)} at ${speed}`
    : `${aboutDuration(seconds)} for all ${efforts.length}, at ${speed}`;
}
