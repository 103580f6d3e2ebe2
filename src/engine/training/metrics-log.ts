import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { LossSchema } from '../../contract/operations/runs.ts';
import { DecompositionSchema, HeldOutSchema, type TrainingEvent } from '../../contract/run.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { openRegularFile } from '../../system/read-file.ts';
import { explainWriteError } from '../../system/write-error.ts';
import { METRICS_FILE } from '../runs/store.ts';

type StepEvent = Extract<TrainingEvent, { event: 'step' }>;
type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;
/** The events that are stored. */
export type MetricsEvent = StepEvent | EpochEvent;

/** Maximum length of a line. A step with 512 dimensions takes a hundredth of it. */
const MOST_LINE_BYTES = 1 << 20;
const NEW_LINE = 0x0a;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());

const MetricsEventSchema = v.variant('event', [
  v.object({
    event: v.literal('step'),
    step: count,
    epoch: count,
    loss: LossSchema,
    klPerDimension: v.array(finite),
    activeDimensions: v.optional(count),
    decoderVariance: v.optional(finite),
    imagesPerSecond: finite,
    secondsLeft: v.optional(finite),
  }),
  v.object({
    event: v.literal('epoch'),
    epoch: count,
    step: count,
    loss: LossSchema,
    heldOut: HeldOutSchema,
    decomposition: v.optional(DecompositionSchema),
    seconds: finite,
  }),
]);

/** Parses a line of a run's metrics; undefined if it is damaged. */
export function parseMetricsLine(line: string): MetricsEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(MetricsEventSchema, json);
  return parsed.success ? (parsed.output as MetricsEvent) : undefined;
}

/** The position of a reader in a file of lines. */
export interface LinesPlace {
  /** Number of bytes that have been read. */
  bytes: number;
  /** Whether the position is inside a line that is too long, whose rest is skipped. */
  isInLongLine: boolean;
}

/**
 * Reads lines from the current position on.
 *
 * @param onLine - called with each complete line; undefined for one that is too long
 * @returns the incomplete last line, which will be read again the next time
 */
export async function readLines(
  file: FileHandle,
  place: LinesPlace,
  onLine: (line: string | undefined) => void,
): Promise<string> {
  const buffer = Buffer.alloc(MOST_LINE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, place.bytes);
    const read = buffer.subarray(0, bytesRead);
    if (place.isInLongLine) {
      const end = read.indexOf(NEW_LINE) + 1;
      place.bytes += end || bytesRead;
      place.isInLongLine = end === 0;
      if (bytesRead === 0) return '';
      continue;
    }
    const end = read.lastIndexOf(NEW_LINE) + 1;
    if (end > 0) {
      for (const line of read.toString('utf8', 0, end - 1).split('\n')) onLine(line);
      place.bytes += end;
    } else if (bytesRead === buffer.length) {
      onLine(undefined);
      place.isInLongLine = true;
    } else {
      return read.toString('utf8');
    }
  }
}

/** The contents of a run's metrics. */
export interface ReadMetrics {
  readonly events: MetricsEvent[];
  /** Number of damaged lines, not counting an incomplete last one. */
  readonly passedOver: number;
}

/**
 * Reads a run's metrics. Damaged lines are skipped.
 *
 * @returns no events if there are no metrics yet @throws UnravelError `bad-input` if the file is not a regular one
 */
export async function readMetrics(folder: string): Promise<ReadMetrics> {
  const events: MetricsEvent[] = [];
  let passedOver = 0;
  const file = await openMetrics(folder);
  if (!file) return { events, passedOver };
  try {
    const last = await readLines(file, { bytes: 0, isInLongLine: false }, (line) => {
      if (line === '') return;
      const event = line === undefined ? undefined : parseMetricsLine(line);
      if (event) events.push(event);
      else passedOver += 1;
    });
    const event = parseMetricsLine(last);
    if (event) events.push(event);
  } finally {
    await file.close();
  }
  return { events, passedOver };
}

/**
 * Opens a run's metrics for reading; the caller closes them.
 *
 * @returns undefined if there are none @throws UnravelError `bad-input` if the file is not a regular one
 */
export async function openMetrics(folder: string): Promise<FileHandle | undefined> {
  return openRegularFile(join(folder, METRICS_FILE)).catch((error: unknown) => {
    if (error instanceof UnravelError && error.code === 'not-found') return undefined;
    throw error;
  });
}

/** Writes a run's `metrics.jsonl` during training: a line for every step and epoch. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Size of the file up to the last complete line. */
  #size: number;
  #pending: string[] = [];

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a run's log to continue after `step`. Later lines, which an interrupted process wrote after its
   * checkpoint, are removed, because these steps will be computed again.
   *
   * @returns the log, its events, and the number of damaged lines that were removed
   */
  static async openAfter(
    folder: string,
    step: number,
  ): Promise<{ log: MetricsLog; kept: MetricsEvent[]; passedOver: number }> {
    const { events, passedOver } = await readMetrics(folder);
    const kept = events.filter((event) => event.step <= step);
    const path = join(folder, METRICS_FILE);
    const text = kept.map((event) => `${JSON.stringify(event)}\n`).join('');
    await writeFileAtomic(path, text);
    const log = new MetricsLog(path, await open(path, 'a'), Buffer.byteLength(text));
    return { log, kept, passedOver };
  }

  /** Adds a line, which the next {@link flush} writes to the disk. */
  add(event: MetricsEvent): void {
    this.#pending.push(`${JSON.stringify(event)}\n`);
  }

  /** Number of lines not yet written. */
  get pending(): number {
    return this.#pending.length;
  }

  /**
   * Writes the added lines.
   *
   * @throws UnravelError `disk-full` or `bad-input` if writing fails; then all added lines are lost, and none is
   * written incompletely
   */
  async flush(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    if (!text) return;
    try {
      await this.#file.appendFile(text);
      this.#size += Buffer.byteLength(text);
    } catch (error) {
      await this.#file.truncate(this.#size).catch(() => undefined);
      throw explainWriteError(this.#path, error);
    }
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }
}
