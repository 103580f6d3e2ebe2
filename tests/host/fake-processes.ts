import { expect } from 'vitest';
import type { ErrorPayload } from '../../src/contract/errors.ts';
import type { JobCommand, JobReport } from '../../src/contract/job-channel.ts';
import type { Request } from '../../src/contract/messages.ts';
import { portPair, type Port } from '../../src/contract/port.ts';
import type { HostProcess, ProcessExit, ProcessKind, StartProcess } from '../../src/host/process.ts';
import { eventually } from '../fixtures/eventually.ts';

/** A process as the host sees it, moved by the test's hand. */
export class FakeProcess implements HostProcess {
  readonly pid: number;
  readonly port: Port;
  readonly kind: ProcessKind;
  readonly args: readonly string[];
  /** What the host has sent it. */
  readonly heard: unknown[] = [];
  isKilled = false;
  /** True for one that does not go when it is killed: one that waits for a disk. */
  isStubborn = false;
  hasExited = false;
  readonly #peer: Port;
  readonly #listeners: ((exit: ProcessExit) => void)[] = [];

  constructor(kind: ProcessKind, args: readonly string[], pid: number) {
    this.kind = kind;
    this.args = args;
    this.pid = pid;
    [this.port, this.#peer] = portPair();
    this.#peer.onMessage((message) => {
      this.heard.push(message);
      this.onMessage(message);
    });
  }

  /** What it does with a message; nothing, until a test says otherwise. */
  onMessage: (message: unknown) => void = () => undefined;

  get requests(): Request[] {
    return this.heard as Request[];
  }

  get commands(): JobCommand[] {
    return this.heard as JobCommand[];
  }

  say(message: unknown): void {
    this.#peer.post(message);
  }

  report(report: JobReport): void {
    this.say(report);
  }

  answer(id: number, output: unknown): void {
    this.say({ type: 'response', id, output });
  }

  fail(id: number, error: ErrorPayload): void {
    this.say({ type: 'failure', id, error });
  }

  exit(code: number | null, signal: string | null = null): void {
    if (this.hasExited) return;
    this.hasExited = true;
    for (const listener of this.#listeners) listener({ code, signal });
    this.#peer.close();
  }

  closeChannel(): void {
    this.#peer.close();
  }

  kill(): void {
    this.isKilled = true;
    // As the system does it: a moment later.
    if (!this.isStubborn) queueMicrotask(() => this.exit(null, 'SIGKILL'));
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    this.#listeners.push(listener);
  }
}

/** Starts fake processes and remembers them. */
export class FakeProcesses {
  readonly started: FakeProcess[] = [];
  /** What becomes of a process as soon as it is started. */
  onStart: (process: FakeProcess) => void = () => undefined;

  readonly start: StartProcess = (kind, args) => {
    const process = new FakeProcess(kind, args, 1000 + this.started.length);
    this.started.push(process);
    this.onStart(process);
    return process;
  };

  of(kind: ProcessKind): FakeProcess[] {
    return this.started.filter((process) => process.kind === kind);
  }

  /** The processes of a kind, once there are so many. */
  async until(kind: ProcessKind, count: number): Promise<FakeProcess[]> {
    await eventually(() => expect(this.of(kind)).toHaveLength(count));
    return this.of(kind);
  }
}

/** An engine that has nothing and answers everything with `answers`, by operation. */
export function answeringEngine(
  answers: Record<string, (input: never) => unknown>,
): (process: FakeProcess) => void {
  const usual: Record<string, (input: never) => unknown> = {
    'engine.describe': () => ({
      workspace: '/w',
      device: { kind: 'cpu', label: 'CPU, 2 cores', whyNotGpu: 'none is there', multipliesBfloat16: null },
    }),
    'datasets.list': () => [],
    'runs.list': () => [],
    ...answers,
  };
  return (process) => {
    if (process.kind !== 'engine') return;
    process.onMessage = (message) => {
      const { id, operation, input } = message as Request;
      const answer = usual[operation];
      if (answer) process.answer(id, answer(input as never));
    };
  };
}
