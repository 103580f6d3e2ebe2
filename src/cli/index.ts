import { CommanderError } from 'commander';
import { openWorkspace } from '../engine/basics/workspace.ts';
import { checkWorkspace } from '../system/workspace.ts';
import { explainFailure } from './failure.ts';
import { exitCodeOf, listenForInterrupt, type Interrupt } from './interrupt.ts';
import { Reporter, type Failure, type Streams } from './output.ts';
import { buildProgram } from './program.ts';
import type { Perform } from './session.ts';
import { guardOutput, type OutputFailure } from './standard-output.ts';
import { shownLines, shownText } from '../contract/shown-text.ts';

interface End {
  readonly reporter: Reporter;
  readonly interrupt: Interrupt;
  /** Why not all that was said on standard output has arrived, if it has not. */
  readonly lostOutput: OutputFailure | undefined;
  readonly streams: Streams;
}

/** The answer is needed before the parser, which may itself be what fails. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

/**
 * Carries out one command line. A command whose standard output fails stops as at Ctrl-C, and a training writes its
 * checkpoint; one that had finished its work is done all the same when only its reader has gone.
 *
 * @param argv - what follows the program's name
 * @param streams - where it writes; the process's own if left out
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + a signal's number where that signal stopped it
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const onLost = ({ isReaderGone }: OutputFailure): void => {
    reporter.speakToPeople();
    interrupt.stop(isReaderGone ? exitCodeOf('SIGPIPE') : 1);
  };
  const output = streams === process ? guardOutput(process, onLost) : undefined;
  const reporter = new Reporter(output?.streams ?? streams, { json: asksForJson(argv) });
  const interrupt = listenForInterrupt(
    () => reporter.remark('Stopping. Press Ctrl-C again to end at once.'),
    () => {
      if (!reporter.isOver) reporter.failed({ code: 'cancelled', message: 'Ended at once.' });
    },
  );
  try {
    const failure = await carryOut(argv, output?.streams ?? streams, reporter, interrupt.signal);
    await output?.settled();
    return tellEnd(failure, { reporter, interrupt, lostOutput: output?.failure, streams });
  } finally {
    interrupt.release();
  }
}

/** @returns what went wrong, or undefined where all went well */
async function carryOut(
  argv: readonly string[],
  streams: Streams,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const perform: Perform = async (options, work) => {
    const workspace = openWorkspace(options.workspace);
    checkWorkspace(workspace.root);
    await work({ workspace, reporter, signal });
    if (!reporter.isOver) throw new Error('the command did not say how it ended');
  };
  try {
    await buildProgram(streams, perform).parseAsync(argv, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    if (process.env['UNRAVEL_DEBUG'] && error instanceof Error)
      streams.stderr.write(`${shownLines(error.stack ?? '')}\n`);
    return explainFailure(error, signal);
  }
}

/** Says how the command ended, where it has not said so itself. @returns the exit code */
function tellEnd(failure: Failure | undefined, { reporter, interrupt, lostOutput, streams }: End): number {
  // A reader that has seen enough of a command that did its work, as in `unravel runs | head -1`, is no failure.
  const isLost = lostOutput !== undefined && (failure !== undefined || !lostOutput.isReaderGone);
  if (isLost) streams.stderr.write(`${shownText(lostOutput.message)}\n`);
  if (!failure) return isLost ? 1 : 0;
  if (reporter.isOver) {
    // After the last line there can be no other; the exit code tells that not all went well.
    streams.stderr.write(`${shownText(failure.message)}\n`);
    return 1;
  }
  reporter.failed(failure);
  if (failure.code === 'usage') return 2;
  return failure.code === 'cancelled' ? interrupt.exitCode : 1;
}
