import type { ErrorCode } from '../contract/errors.ts';
import { ProgressLine, progressText, type ProgressStream, type WorkProgress } from './progress-line.ts';
import { shownJson, shownText } from '../contract/shown-text.ts';

/** The output streams of a command. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}

/** How a failed command is reported: as the last line of `--json`, or in a sentence or two. */
export interface Failure {
  /** An {@link ErrorCode}, or `usage` for wrong usage. */
  readonly code: ErrorCode | 'usage';
  readonly message: string;
  readonly path?: string | undefined;
  readonly hint?: string | undefined;
  /** Ids that a script needs, such as that of the run that can be resumed. */
  readonly ids?: Readonly<Record<string, unknown>>;
}

/** Shortest time between two progress events of `--json`. */
const JSON_PROGRESS_MS = 1000;

/**
 * Writes the output of a command: sentences for people, or with `--json` one object per line, each with an `event`, the
 * last one `done` or `failed`. Control characters in names are escaped.
 */
export class Reporter {
  #isJson: boolean;
  readonly #streams: Streams;
  readonly #line: ProgressLine;
  readonly #now: () => number;
  #lastJsonProgress = -Infinity;
  #isOver = false;

  /** @param now - a monotonic clock in milliseconds */
  constructor(
    streams: Streams,
    { json, now = () => performance.now() }: { json: boolean; now?: () => number },
  ) {
    this.#streams = streams;
    this.#now = now;
    this.#line = new ProgressLine(streams.stderr, now);
    this.#isJson = json;
  }

  /** Stops writing JSON, because standard output has failed: the rest is written to standard error as text. */
  stopJson(): void {
    this.#isJson = false;
  }

  /** Whether the last line has been written. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Writes lines for people. */
  say(...lines: readonly string[]): void {
    if (this.#isJson) return;
    this.#line.clear();
    for (const line of lines) this.#streams.stdout.write(`${shownText(line)}\n`);
  }

  /** Writes text for people that is not part of the result, such as a warning, to standard error. */
  remark(text: string): void {
    if (this.#isJson) return;
    this.#line.clear();
    this.#streams.stderr.write(`${shownText(text)}\n`);
  }

  /** Writes a line for scripts. */
  event(event: string, fields: object = {}): void {
    if (!this.#isJson) return;
    // An event of the engine contains the same name.
    this.#streams.stdout.write(`${shownJson({ event, ...fields })}\n`);
  }

  /**
   * Makes a function that shows the progress of some work.
   *
   * @param what - the work, such as `Importing`
   * @param noun - what is counted, in the plural
   * @returns call it with each new progress
   */
  progress(what: string, noun: string): (progress: WorkProgress) => void {
    return (progress) => {
      if (this.#isJson) this.#progressEvent(progress);
      else this.status(progressText(what, noun, progress));
    };
  }

  /** Shows a text on the progress line. */
  status(text: string): void {
    if (!this.#isJson) this.#line.update(shownText(text));
  }

  /**
   * Reports success, as the last output.
   *
   * @param fields - the ids and counts that a script needs
   * @param lines - the text for people
   */
  done(fields: object, ...lines: readonly string[]): void {
    this.say(...lines);
    this.#end();
    this.event('done', fields);
  }

  /** Reports a failure, as the last output. */
  failed({ code, message, path, hint, ids = {} }: Failure): void {
    this.#end();
    this.event('failed', { code, message, path: path ?? null, hint: hint ?? null, ...ids });
    this.remark(message);
    if (hint !== undefined) this.remark(hint);
  }

  #progressEvent({ secondsLeft, ...progress }: WorkProgress): void {
    const now = this.#now();
    if (now - this.#lastJsonProgress < JSON_PROGRESS_MS) return;
    this.#lastJsonProgress = now;
    this.event('progress', { ...progress, secondsLeft: secondsLeft ?? null });
  }

  #end(): void {
    if (this.#isOver) throw new Error('The end of the command was reported twice.');
    this.#isOver = true;
    this.#line.clear();
  }
}
