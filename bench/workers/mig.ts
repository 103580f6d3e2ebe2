import { posteriorMig } from '../../src/engine/metrics/posterior-information.ts';
import { createNoise, readPosteriors } from '../posteriors.ts';
import { answer } from './timing.ts';
import type { Options, Work } from './work.ts';

/** Measures MIG of a file's posteriors by the exact aggregate posterior, drawing the codes again each time. */
export async function mig({ posteriors: path = '' }: Options): Promise<Work> {
  const posteriors = await readPosteriors(path);
  return (steps) => answer(steps, () => ({ mig: posteriorMig(posteriors, createNoise()) }));
}
