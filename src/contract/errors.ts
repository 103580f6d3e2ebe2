import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

/** The kind of error. The codes are stable, so that scripts can depend on them. */
export const ErrorCodeSchema = v.picklist([
  'bad-input', // a file, a value or an option that cannot be used
  'not-found', // a data set, a run or a file that does not exist
  'not-ready', // what is asked for must first be computed by a job
  'conflict', // it exists already, or something else is using it
  'cancelled', // the person stopped it
  'diverged', // training produced a value that is not a number
  'disk-full',
  'native', // TensorFlow could not be loaded or refused an operation
  'disconnected', // the process that should answer has ended
  'unsupported', // not available in this window or server
  'internal',
]);
export type ErrorCode = v.InferOutput<typeof ErrorCodeSchema>;

/**
 * What a person can do about an error with the command line's options or commands (`cli/hints.ts`). The window
 * shows only the `hint`, which names no option and no command.
 */
export const RemedySchema = v.picklist([
  'build', // the program was not built
  'codes-key', // a file has several arrays that may be codes
  'choose-workspace', // the workspace's folder cannot be used
  'doctor', // something that Unravel needs may be missing
  'encode', // a file of codes lacks entries that Unravel's own files have
  'find-axes', // a run has no independent axes yet
  'export-model', // an exported model is damaged
  'full-precision', // mixed precision is no faster here
  'gentler-training', // a training diverged
  'mapping', // a model's layers must be described
  'look', // a run cannot be trained, but can be viewed
  'name-data', // a run does not know its data set
  'more-epochs', // a run that is done can go on
  'other-workspace', // another Unravel has this workspace
  'report', // an error in the program
  'set-up', // TensorFlow is missing
  'smaller-batch', // memory is insufficient
  'train', // there is no run yet
]);
export type Remedy = v.InferOutput<typeof RemedySchema>;

/** An error as it is sent between processes: sentences for a person, never a stack trace. */
export const ErrorPayloadSchema = v.object({
  code: ErrorCodeSchema,
  message: ShownTextSchema,
  path: v.optional(ShownTextSchema),
  hint: v.optional(ShownTextSchema),
  remedy: v.optional(RemedySchema),
});
export type ErrorPayload = v.InferOutput<typeof ErrorPayloadSchema>;

/** Where an error occurred and what to do about it. */
export interface ErrorDetails {
  /** The file or folder concerned. */
  readonly path?: string;
  /** One sentence that says what to do. It names no option and no command, because the window shows it too. */
  readonly hint?: string;
  /** Which options or commands of the command line do what the hint says, if there are any. */
  readonly remedy?: Remedy;
  readonly cause?: unknown;
}

/** Longer texts are cut in the middle, because a name from a file may be as long as the file. */
const MOST_CHARACTERS = 2000;
const KEPT_AT_END = 300;

function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS - KEPT_AT_END - 1)}…${text.slice(-KEPT_AT_END)}`;
}

/**
 * An error for a person to read: `message` says what happened and to what, `hint` what to do about it. It is
 * sent between processes as `{ code, message, path, hint, remedy }`, never as a stack trace.
 */
export class UnravelError extends Error {
  override readonly name = 'UnravelError';
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;
  readonly remedy: Remedy | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(shortened(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.hint = details.hint === undefined ? undefined : shortened(details.hint);
    this.remedy = details.remedy;
  }
}

/**
 * The payload to send when `error` was thrown. Any error that is not an {@link UnravelError} is reported as an
 * internal error.
 */
export function errorPayload(error: unknown): ErrorPayload {
  if (error instanceof UnravelError) {
    const { code, message } = error;
    return { code, message, ...detailsOf(error) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Something went wrong inside Unravel: ${message.split('\n')[0]!.replace(/\.$/, '')}.`,
    hint: 'This is an error in the program. Try again, and report it if it happens twice.',
  };
}

/** The error that a payload describes, to be thrown on this side of the boundary. */
export function errorFromPayload(payload: ErrorPayload): UnravelError {
  return new UnravelError(payload.code, payload.message, detailsOf(payload));
}

function detailsOf({ path, hint, remedy }: UnravelError | ErrorPayload): Omit<ErrorDetails, 'cause'> {
  return {
    ...(path === undefined ? {} : { path }),
    ...(hint === undefined ? {} : { hint }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** Message and hint as one text. */
export function inOneLine({ message, hint }: Pick<UnravelError | ErrorPayload, 'message' | 'hint'>): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
