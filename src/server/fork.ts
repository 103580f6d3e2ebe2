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
      // Standard output belongs to the command; the output of its child processes goes to standard error.
      stdio: ['ignore', 2, 2, 'ipc'],
      execArgv: [],
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '2' },
      // A terminal's Ctrl-C reaches the whole process group, but only the host may stop a training.
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
  // Without a process id it could not be started; otherwise an exit follows.
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
      // An error of a channel that has just closed is ignored: the port reports that it closed.
      if (child.connected) child.send(message as object, () => undefined);
    },
    close: () => {
      if (child.connected) child.disconnect();
      mailbox.end();
    },
  });
}
