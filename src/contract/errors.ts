import * as v from 'valibot';
import { ShownTextSchema } from './shown-text.ts';

/** What kind of thing went wrong; stable, so that scripts may branch on it. */
export const ErrorCodeSchema = v.picklist([
  'bad-input', // a file, a value or an option that cannot be used
  'not-found', // a data set, a run or a file that is not there
  'not-ready', // what is asked for must first be computed by a job
  'conflict', // the thing exists already, or something else is using it
  'cancelled', // the person stopped it
  'diverged', // training produced a value that is not a number
  'disk-full',
  'native', // TensorFlow could not be loaded or refused an operation
  'disconnected', // the process that should answer has gone
  'unsupported', // this door cannot do it
  'internal',
]);
export type ErrorCode = v.InferOutput<typeof ErrorCodeSchema>;

/**
 * What a person can do about an error, where the command line has options or commands for it: it says which
 * (`cli/hints.ts`). Everywhere else the `hint` stands, which names neither.
 */
export const RemedySchema = v.picklist([
  'build', // the program was not built
  'choose-workspace', // the workspace's folder cannot be used
  'doctor', // something that Unravel needs may be missing
  'encode', // a file of codes lacks what our own have
  'export-model', // an exported model is damaged
  'full-precision', // mixed precision gains nothing
  'gentler-training', // a training diverged
  'look', // a run cannot be trained, but looked at
  'other-workspace', // another Unravel has this workspace
  'report', // a fault of the program
  'set-up', // TensorFlow is missing
  'smaller-batch', // memory is short
  'train', // there is no run yet
]);
export type Remedy = v.InferOutput<typeof RemedySchema>;

/** An error as it crosses a boundary: sentences for a person, never a stack trace. */
export const ErrorPayloadSchema = v.object({
  code: ErrorCodeSchema,
  message: ShownTextSchema,
  path: v.optional(ShownTextSchema),
  hint: v.optional(ShownTextSchema),
  remedy: v.optional(RemedySchema),
});
export type ErrorPayload = v.InferOutput<typeof ErrorPayloadSchema>;

/** Where the trouble is and what to do about it. */
export interface ErrorDetails {
  /** The file or folder concerned. */
  readonly path?: string;
  /** One sentence that says what to do. It names no option and no command: a window shows it, too. */
  readonly hint?: string;
  /** Which options or commands of the command line do what the hint says, where there are some. */
  readonly remedy?: Remedy;
  readonly cause?: unknown;
}

/** Texts longer than this are cut in their middle: names out of a file may be as long as the file. */
const MOST_CHARACTERS = 2000;
const KEPT_AT_END = 300;

function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  return `${text.slice(0, MOST_CHARACTERS - KEPT_AT_END - 1)}…${text.slice(-KEPT_AT_END)}`;
}

/**
 * An error meant for a person: `message` says what happened and to what, `hint` what to do about it.
 * It crosses every boundary as `{ code, message, path, hint, remedy }`, never as a stack trace.
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

/** What crosses a boundary when `error` was thrown; one that is not ours is a fault of the program and says so. */
export function errorPayload(error: unknown): ErrorPayload {
  if (error instanceof UnravelError) {
    const { code, message } = error;
    return { code, message, ...detailsOf(error) };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Something went wrong inside Unravel: ${message.split('\n')[0]!.replace(/\.$/, '')}.`,
    hint: 'This is a fault of the program. Try again, and report it if it happens twice.',
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

/** What went wrong and what to do about it, for a place that has one text for both. */
export function inOneLine({ message, hint }: Pick<UnravelError | ErrorPayload, 'message' | 'hint'>): string {
  return hint === undefined ? message : `${message} ${hint}`;
}
