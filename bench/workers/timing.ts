import type { Answer } from '../harness/worker.ts';

/** Runs a step `steps` times and times each. */
export async function timed<T>(
  steps: number,
  step: () => Promise<T> | T,
): Promise<{ ms: number[]; last: T | undefined }> {
  const ms: number[] = [];
  let last: T | undefined;
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    last = await step();
    ms.push(performance.now() - start);
  }
  return { ms, last };
}

/** An answer with times and the other results of the last step. */
export async function answer(
  steps: number,
  step: () => Promise<Omit<Answer, 'ms'>> | Omit<Answer, 'ms'>,
): Promise<Answer> {
  const { ms, last } = await timed(steps, step);
  return { ms, ...last };
}
