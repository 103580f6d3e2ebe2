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

interface Ending {
  readonly reporter: Reporter;
  readonly interrupt: Interrupt;
  /** Why standard output could not be written completely, if it could not. */
  readonly lostOutput: OutputFailure | undefined;
  readonly streams: Streams;
}

/** Looks for `--json` without the parser, because the parser's own errors must be printed as JSON, too. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? undefined : end).includes('--json');
}

/**
 * Runs one command line. If standard output fails, the command stops as at Ctrl-C, so that a training writes its
 * checkpoint. A command that had finished its work still succeeds when the reader of its output has closed it.
 *
 * @param argv - the arguments after the program's name
 * @param streams - the output streams; the process's own if left out
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 + the signal's number where a signal stopped it
 */
export async function main(argv: readonly string[], streams: Streams = process): Promise<number> {
  const onLost = ({ isReaderGone }: OutputFailure): void => {
    reporter.stopJson();
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
    const failure = await runCommand(argv, output?.streams ?? streams, reporter, interrupt.signal);
    await output?.settled();
    return reportEnd(failure, { reporter, interrupt, lostOutput: output?.failure, streams });
  } finally {
    interrupt.release();
  }
}

/** @returns the failure, or undefined if the command succeeded */
async function runCommand(
  argv: readonly string[],
  streams: Streams,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const perform: Perform = async (options, work) => {
    const workspace = openWorkspace(options.workspace);
    checkWorkspace(workspace.root);
    await work({ workspace, reporter, signal });
    if (!reporter.isOver) throw new Error('the command did not report how it ended');
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

/** Reports how the command ended, if it has not done so itself. @returns the exit code */
function reportEnd(
  failure: Failure | undefined,
  { reporter, interrupt, lostOutput, streams }: Ending,
): number {
  // It is no failure if the reader stops before the end of the output, as in `unravel runs | head -1`.
  const isLost = lostOutput !== undefined && (failure !== undefined || !lostOutput.isReaderGone);
  if (isLost) streams.stderr.write(`${shownText(lostOutput.message)}\n`);
  if (!failure) return isLost ? 1 : 0;
  if (reporter.isOver) {
    // JSON output ends with its last line, so this failure is reported on standard error and by the exit code.
    streams.stderr.write(`${shownText(failure.message)}\n`);
    return 1;
  }
  reporter.failed(failure);
  if (failure.code === 'usage') return 2;
  return failure.code === 'cancelled' ? interrupt.exitCode : 1;
}
