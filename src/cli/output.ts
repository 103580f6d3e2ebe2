import type { ErrorCode } from '../contract/errors.ts';
import { ProgressLine, progressText, type ProgressStream, type WorkProgress } from './progress-line.ts';
import { shownJson, shownText } from '../contract/shown-text.ts';

/** Where a command writes. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}

/** What a failed command says: the last line of `--json`, a sentence or two for people. */
export interface Failure {
  /** An {@link ErrorCode}, or `usage` for a command that was put wrongly. */
  readonly code: ErrorCode | 'usage';
  readonly message: string;
  readonly path?: string | undefined;
  readonly hint?: string | undefined;
  /** What a script needs besides, such as the run that can be resumed. */
  readonly ids?: Readonly<Record<string, unknown>>;
}

/** In `--json`, progress is told at most this often. */
const JSON_PROGRESS_MS = 1000;

/**
 * What a command tells, with control characters of names written out: sentences for people, or with `--json` one object a line, each with an `event`, the last
 * one `done` or `failed`.
 */
export class Reporter {
  #isJson: boolean;
  readonly #streams: Streams;
  readonly #line: ProgressLine;
  readonly #now: () => number;
  #lastJsonProgress = -Infinity;
  #isOver = false;

  /** @param now - milliseconds, of a clock that never goes back */
  constructor(
    streams: Streams,
    { json, now = () => performance.now() }: { json: boolean; now?: () => number },
  ) {
    this.#streams = streams;
    this.#now = now;
    this.#line = new ProgressLine(streams.stderr, now);
    this.#isJson = json;
  }

  /** Stops writing JSON: standard output has failed, and what is left to say goes to standard error, to people. */
  speakToPeople(): void {
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

  /** Writes a remark for people that is not part of the result, such as a warning: to standard error. */
  remark(text: string): void {
    if (this.#isJson) return;
    this.#line.clear();
    this.#streams.stderr.write(`${shownText(text)}\n`);
  }

  /** Writes a line for scripts. */
  event(event: string, fields: object = {}): void {
    if (!this.#isJson) return;
    // An event of the engine brings its own name, which is the same.
    this.#streams.stdout.write(`${shownJson({ event, ...fields })}\n`);
  }

  /**
   * Tells how far the work is.
   *
   * @param what - the work, such as `Importing`
   * @param noun - what is counted, in the plural
   * @returns to be called with each progress
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
   * Ends well.
   *
   * @param fields - the ids and counts that a script needs
   * @param lines - what people read
   */
  done(fields: object, ...lines: readonly string[]): void {
    this.say(...lines);
    this.#end();
    this.event('done', fields);
  }

  /** Ends badly. */
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
    if (this.#isOver) throw new Error('A command ends once.');
    this.#isOver = true;
    this.#line.clear();
  }
}
