import { fork, type ChildProcess } from 'node:child_process';
import { Mailbox } from '../contract/mailbox.ts';
import { portFrom, type Port } from '../contract/port.ts';
import type { HostProcess, ProcessKind, StartProcess } from '../host/process.ts';

/**
 * Starts processes with Node's `fork`.
 *
 * @param entries - the built file of each kind
 */
export function forkProcesses(entries: Readonly<Record<ProcessKind, string>>): StartProcess {
  return (kind, args) => {
    const child = fork(entries[kind], args, {
      serialization: 'advanced',
      // Standard output is the command's own; what a process has to say otherwise goes to standard error.
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' },
      // Ctrl-C in a terminal reaches the whole group: a training must not hear it before the host tells it to stop.
      detached: process.platform !== 'win32',
    });
    return describe(child);
  };
}

function describe(child: ChildProcess): HostProcess {
  let hasExited = false;
  const exitListeners: ((exit: { code: number | null; signal: string | null }) => void)[] = [];
  const exit = (code: number | null, signal: string | null): void => {
    if (hasExited) return;
    hasExited = true;
    for (const listener of exitListeners) listener({ code, signal });
  };
  child.on('exit', exit);
  // It could not be started; where it could, an exit follows.
  child.on('error', () => {
    if (child.pid === undefined) exit(null, null);
  });
  return {
    port: childPort(child),
    pid: child.pid,
    kill: () => void child.kill('SIGKILL'),
    onExit: (listener) => void exitListeners.push(listener),
  };
}

/** A port over a forked process's own channel. */
export function childPort(child: ChildProcess): Port {
  const mailbox = new Mailbox();
  child.on('message', (message) => mailbox.deliver(message));
  child.on('disconnect', () => mailbox.end());
  return portFrom(mailbox, {
    post: (message) => {
      // The callback hears of a channel that broke meanwhile; the port's close tells of it.
      if (child.connected) child.send(message as object, () => undefined);
    },
    close: () => {
      if (child.connected) child.disconnect();
      mailbox.end();
    },
  });
}
