import { setTimeout as pause } from 'node:timers/promises';
import { watchOthers } from './processors.ts';
import { median } from './statistics.ts';
import type { Answer, Worker } from './worker.ts';

/** How often and how long workers take turns. */
export interface Plan {
  readonly rounds: number;
  /** Steps of one turn. */
  readonly steps: number;
  /** Steps of every worker before the first round. */
  readonly warmUp: number;
  /** Maximum number of times that a turn disturbed by other processes is run again. */
  readonly reruns: number;
}

/** A turn in which others used more of the processors than this is run again. */
const DISTURBED = 0.06;

/** The measurements of one worker in all its turns. */
export interface Series {
  readonly name: string;
  /** The median step of each round, in milliseconds. */
  readonly medianMs: readonly number[];
  /** Every step of every round. */
  readonly stepMs: readonly number[];
  /** Processor time a step, round by round, in milliseconds. */
  readonly cpuMs: readonly number[];
  readonly peakBytes: number | undefined;
  readonly last: Answer;
  /** Turns that were run again because of others. */
  readonly rerun: number;
  /** Number of turns that were disturbed at every attempt; their results count, but are less reliable. */
  readonly disturbed: number;
}

interface Turn {
  readonly answer: Answer;
  readonly cpuMs: number;
  readonly rerun: number;
  readonly disturbed: boolean;
}

/** The result of some work, and whether other processes disturbed it. */
export interface Undisturbed<T> {
  readonly result: T;
  /** How many times it was done again. */
  readonly rerun: number;
  /** Whether it was disturbed at every attempt. */
  readonly disturbed: boolean;
}

/** Does some work, and repeats it up to `reruns` times while other processes disturb it. */
export async function undisturbed<T>(reruns: number, work: () => Promise<T>): Promise<Undisturbed<T>> {
  for (let rerun = 0; ; rerun++) {
    const othersSince = watchOthers(process.pid);
    const result = await work();
    const disturbed = othersSince() > DISTURBED;
    if (!disturbed || rerun === reruns) return { result, rerun, disturbed };
    await pause(1000);
  }
}

async function takeTurn(worker: Worker, { steps, reruns }: Plan): Promise<Turn> {
  const { result, rerun, disturbed } = await undisturbed(reruns, async () => {
    const cpu = worker.cpuSeconds();
    const answer = await worker.ask(steps);
    return { answer, cpuMs: ((worker.cpuSeconds() - cpu) / steps) * 1000 };
  });
  return { ...result, rerun, disturbed };
}

/**
 * Lets workers take turns, every other round in the opposite order. Slow changes of the machine (clock, other load,
 * caches) then affect all workers equally and cancel in ratios taken round by round.
 *
 * @param onRound - called before each round, from 1 on
 * @returns a series for each worker, in the order given
 */
export async function alternate(
  workers: readonly Worker[],
  plan: Plan,
  onRound: (round: number) => void = () => undefined,
): Promise<readonly Series[]> {
  for (const worker of workers) if (plan.warmUp > 0) await worker.ask(plan.warmUp);
  const turns = new Map<Worker, Turn[]>(workers.map((worker) => [worker, []]));
  for (let round = 0; round < plan.rounds; round++) {
    onRound(round + 1);
    for (const worker of round % 2 === 0 ? workers : [...workers].reverse()) {
      turns.get(worker)!.push(await takeTurn(worker, plan));
    }
  }
  return [...turns].map(([worker, taken]) => ({
    name: worker.name,
    medianMs: taken.map(({ answer }) => median(answer.ms)),
    stepMs: taken.flatMap(({ answer }) => answer.ms),
    cpuMs: taken.map(({ cpuMs }) => cpuMs),
    peakBytes: worker.peakBytes(),
    last: taken.at(-1)!.answer,
    rerun: taken.reduce((sum, { rerun }) => sum + rerun, 0),
    disturbed: taken.filter(({ disturbed }) => disturbed).length,
  }));
}
