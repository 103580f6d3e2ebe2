import { CommanderError } from 'commander';
import { openWorkspace } from '../engine/workspace.ts';
import { explainFailure } from './failure.ts';
import { listenForInterrupt } from './interrupt.ts';
import { Reporter, type Streams } from './output.ts';
import { buildProgram } from './program.ts';
import type { Perform } from './session.ts';

/** The answer is needed before the parser, which may itself be what fails. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

/** A reader that has seen enough, as in `unravel runs | head -1`, is no error: end, and quietly. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
}

/**
 * Carries out one command line.
 *
 * @param argv - what follows the program's name
 * @param streams - where it writes; the process's own if left out
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  // Never taken off: a write may fail after the command has ended.
  if (streams === process) process.stdout.on('error', endWithReader);
  const reporter = new Reporter(streams, { json: asksForJson(argv) });
  const interrupt = listenForInterrupt(
    () => reporter.remark('Stopping. Press Ctrl-C again to end at once.'),
    () => {
      if (!reporter.isOver) reporter.failed({ code: 'cancelled', message: 'Ended at once.' });
    },
  );
  const perform: Perform = async (options, work) => {
    const { signal } = interrupt;
    await work({ workspace: openWorkspace(options.workspace), reporter, signal });
    if (!reporter.isOver) throw new Error('the command did not say how it ended');
  };
  try {
    await buildProgram(streams, perform).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = explainFailure(error, interrupt.signal);
    if (process.env['UNRAVEL_DEBUG'] && error instanceof Error)
      streams.stderr.write(`${error.stack ?? ''}\n`);
    if (reporter.isOver) {
      // After the last line there can be no other; the exit code tells that not all went well.
      streams.stderr.write(`${failure.message}\n`);
      return 1;
    }
    reporter.failed(failure);
    return failure.code === 'usage' ? 2 : 1;
  } finally {
    interrupt.release();
  }
}
