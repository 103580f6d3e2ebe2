import type { Answer } from '../harness/worker.ts';

/** Does a number of steps and tells how long each took. */
export type Work = (steps: number) => Promise<Answer> | Answer;

/** What a task may be given; each takes what it needs. */
export type Options = Readonly<Record<string, string | undefined>>;
