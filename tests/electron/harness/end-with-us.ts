import type { ChildProcess } from 'node:child_process';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
// The test runner ends a worker that hangs with this signal, and no exit would be heard.
process.once('SIGTERM', () => process.exit(1));

/** Ends a process with the test's own, so that a run that was cut short leaves nothing behind. */
export function endWithUs<T extends ChildProcess>(child: T): T {
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}
