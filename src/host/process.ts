import type { Port } from '../contract/port.ts';

/** The programs that a host runs in processes of their own. */
export type ProcessKind = 'engine' | 'job';

/** How a process ended. */
export interface ProcessExit {
  /** Null where a signal ended it, or where that is not known. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** A process that the host has started. */
export interface HostProcess {
  readonly port: Port;
  /** Undefined until the process runs, and where it could not be started. */
  readonly pid: number | undefined;
  /** Ends it at once; {@link onExit} follows. */
  kill(): void;
  /** The listener is called once, also where the process could not be started. */
  onExit(listener: (exit: ProcessExit) => void): void;
}

/**
 * Starts a process: `utilityProcess.fork` in Electron, `child_process.fork` elsewhere.
 *
 * @param args - its command-line arguments
 */
export type StartProcess = (kind: ProcessKind, args: readonly string[]) => HostProcess;

/** Describes an exit for use in a sentence: `signal SIGKILL`. */
export function describeExit({ code, signal }: ProcessExit): string {
  if (signal !== null) return `signal ${signal}`;
  return code === null ? 'no exit code' : `code ${code}`;
}
