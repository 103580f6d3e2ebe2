import type { ForkOptions, UtilityProcess } from 'electron';
import { Mailbox } from '../contract/mailbox.ts';
import { portFrom } from '../contract/port.ts';
import type { HostProcess, ProcessExit, ProcessKind, StartProcess } from '../host/process.ts';

const NAMES: Readonly<Record<ProcessKind, string>> = { engine: 'Unravel engine', job: 'Unravel job' };

/**
 * Starts processes as Electron's utility processes.
 *
 * @param fork - `utilityProcess.fork`
 * @param entries - the built file of each kind
 */
export function utilityProcesses(
  fork: (entry: string, args: string[], options: ForkOptions) => UtilityProcess,
  entries: Readonly<Record<ProcessKind, string>>,
): StartProcess {
  return (kind, args) =>
    describe(
      fork(entries[kind], [...args], {
        serviceName: NAMES[kind],
        stdio: 'inherit',
        env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' },
      }),
    );
}

function describe(child: UtilityProcess): HostProcess {
  const mailbox = new Mailbox();
  const exitListeners: ((exit: ProcessExit) => void)[] = [];
  child.on('message', (message: unknown) => mailbox.deliver(message));
  child.on('exit', (code) => {
    mailbox.end();
    for (const listener of exitListeners) listener({ code, signal: null });
  });
  return {
    port: portFrom(mailbox, {
      post: (message) => {
        if (!mailbox.isClosed) child.postMessage(message);
      },
      close: () => mailbox.end(),
    }),
    get pid() {
      return child.pid;
    },
    kill: () => kill(child),
    onExit: (listener) => void exitListeners.push(listener),
  };
}

/** Kills with SIGKILL. Electron's own `kill` sends SIGTERM, which a process does not handle during a computation. */
function kill(child: UtilityProcess): void {
  try {
    if (child.pid === undefined) child.kill();
    else process.kill(child.pid, 'SIGKILL');
  } catch {
    // It has already exited.
  }
}
