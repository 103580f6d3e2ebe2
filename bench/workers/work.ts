import type { Answer } from '../harness/worker.ts';

/** Does a number of steps and returns how long each took. */
export type Work = (steps: number) => Promise<Answer> | Answer;

/** The options of all tasks; each uses those that it needs. */
export type Options = Readonly<Record<string, string | undefined>>;
