import type { Streams } from './output.ts';

/** Why standard output can no longer be written. */
export interface OutputFailure {
  /** True where the reader has closed the pipe, as in `unravel runs | head -1`; false where a write failed. */
  readonly isReaderGone: boolean;
  /** One sentence. */
  readonly message: string;
}

/** The process's output streams, whose write errors do not end the process. */
export interface GuardedOutput {
  readonly streams: Streams;
  readonly failure: OutputFailure | undefined;
  /** Resolves when everything has been written, or has failed to be. */
  settled(): Promise<void>;
}

/** Error codes of a pipe or a terminal whose other end was closed. */
const READER_GONE = ['EPIPE', 'EIO', 'ENXIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];
const DISK_FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

function explain(error: NodeJS.ErrnoException): OutputFailure {
  const code = error.code ?? '';
  if (READER_GONE.includes(code)) {
    return { isReaderGone: true, message: 'Standard output was closed by the program that read it.' };
  }
  const reason = DISK_FULL.includes(code) ? 'the disk is full' : error.message;
  return { isReaderGone: false, message: `Could not write to standard output: ${reason}.` };
}

/**
 * Handles write errors of the process's output. After the first one, nothing more is written to standard output. Errors
 * of standard error are ignored, because they cannot be reported anywhere.
 *
 * @param onFailure - called once, when standard output has failed
 */
export function guardOutput(
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
  onFailure: (failure: OutputFailure) => void,
): GuardedOutput {
  let failure: OutputFailure | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (failure) return;
    failure = explain(error);
    onFailure(failure);
  };
  // The listeners stay, because a write may fail after the command has ended.
  stdout.on('error', fail);
  stderr.on('error', () => undefined);
  return {
    streams: {
      stdout: {
        write: (text) => failure === undefined && stdout.write(text),
      },
      stderr,
    },
    get failure() {
      return failure;
    },
    async settled() {
      if (failure) return;
      await new Promise<void>((resolve) => stdout.write('', () => resolve()));
      // A stream emits its error one turn of the event loop after the callback.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
