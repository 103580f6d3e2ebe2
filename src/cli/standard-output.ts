import type { Streams } from './output.ts';

/** Why nothing can be written to standard output any more. */
export interface OutputFailure {
  /** True where whoever read it has gone, as in `unravel runs | head -1`; false where a write was refused. */
  readonly isReaderGone: boolean;
  /** One sentence. */
  readonly message: string;
}

/** The process's own streams, which survive that nobody reads them or that their disk is full. */
export interface GuardedOutput {
  readonly streams: Streams;
  readonly failure: OutputFailure | undefined;
  /** Resolves when everything that was written has arrived, or could not. */
  settled(): Promise<void>;
}

/** What a pipe or a terminal answers when its other end was closed. */
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
 * Guards the process's output. After the first write that fails, nothing more is written to standard output; what
 * standard error refuses is lost, because there is no place left to say so.
 *
 * @param onFailure - told once, as soon as standard output has failed
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
  // Never taken off: a write may fail after the command has ended.
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
      // A stream tells of its error in the turn after the one in which it calls back.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
