import { builtEntry } from '../src/engine/basics/entry.ts';
import type { Plan } from './harness/rounds.ts';
import type { WorkerCommand } from './harness/worker-process.ts';

/** The options of every benchmark. */
export interface Context {
  /** Whether to run only one or two turns, to check that everything works. */
  readonly quick: boolean;
  /** The requested number of rounds, if one was given. */
  readonly rounds: number | undefined;
  /** Called with a line about the current work. */
  readonly log: (line: string) => void;
}

/** A benchmark's own numbers of rounds and steps, cut down or replaced as the person asked. */
export function planFor(
  { quick, rounds: asked }: Context,
  { rounds, steps, warmUp = 2 }: { rounds: number; steps: number; warmUp?: number },
): Plan {
  if (quick) return { rounds: asked ?? 2, steps: Math.min(steps, 2), warmUp: Math.min(warmUp, 1), reruns: 0 };
  return { rounds: asked ?? rounds, steps, warmUp, reruns: 15 };
}

/** How our side of a task is started: the built worker, by the Node that runs this. */
export function ourCommand(
  name: string,
  task: string,
  options: Readonly<Record<string, string>> = {},
): WorkerCommand {
  const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]);
  return { name, program: process.execPath, args: [builtEntry('bench-worker'), task, ...args] };
}
