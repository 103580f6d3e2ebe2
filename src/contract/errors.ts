/** What kind of thing went wrong; stable, so that scripts may branch on it. */
export type ErrorCode =
  | 'bad-input' // a file, a value or an option that cannot be used
  | 'not-found' // a data set, a run or a file that is not there
  | 'conflict' // the thing exists already, or something else is using it
  | 'cancelled' // the person stopped it
  | 'diverged' // training produced a value that is not a number
  | 'disk-full'
  | 'native' // TensorFlow could not be loaded or refused an operation
  | 'internal';

/** Where the trouble is and what to do about it. */
export interface ErrorDetails {
  /** The file or folder concerned. */
  readonly path?: string;
  /** One sentence that says what to do. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * An error meant for a person: `message` says what happened and to what, `hint` what to do about it.
 * It crosses every boundary as `{ code, message, path, hint }`, never as a stack trace.
 */
export class UnravelError extends Error {
  override readonly name = 'UnravelError';
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.hint = details.hint;
  }
}
