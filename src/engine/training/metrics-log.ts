import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingEvent } from '../../contract/run.ts';
import { writeFileAtomic } from '../../system/atomic.ts';
import { explainWriteError } from '../../system/write-error.ts';
import { METRICS_FILE } from '../runs/store.ts';

type StepEvent = Extract<TrainingEvent, { event: 'step' }>;
type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;
/** The events that are kept. */
export type MetricsEvent = StepEvent | EpochEvent;

/** Reads a line of a run's metrics; undefined for one that a killed process left half written, or an empty one. */
export function parseMetricsLine(line: string): MetricsEvent | undefined {
  try {
    const event = JSON.parse(line) as { event?: unknown; step?: unknown };
    const isKept = event.event === 'step' || event.event === 'epoch';
    return isKept && typeof event.step === 'number' ? (event as MetricsEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a run's metrics. A last line that a killed process left half written is passed over. */
export async function readMetrics(folder: string): Promise<MetricsEvent[]> {
  const text = await readFile(join(folder, METRICS_FILE), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(parseMetricsLine)
    .filter((event) => event !== undefined);
}

/** A run's `metrics.jsonl` while it is trained: a line for every step and epoch. */
export class MetricsLog {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Bytes of the file: whole lines. */
  #size: number;
  #pending: string[] = [];

  private constructor(path: string, file: FileHandle, size: number) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a run's log to go on after `step`; what an interrupted process had written beyond its checkpoint is
   * dropped, because it will be computed again.
   *
   * @returns the log, and what it holds
   */
  static async openAfter(folder: string, step: number): Promise<{ log: MetricsLog; kept: MetricsEvent[] }> {
    const kept = (await readMetrics(folder)).filter((event) => event.step <= step);
    const path = join(folder, METRICS_FILE);
    const text = kept.map((event) => `${JSON.stringify(event)}\n`).join('');
    await writeFileAtomic(path, text);
    return { log: new MetricsLog(path, await open(path, 'a'), Buffer.byteLength(text)), kept };
  }

  /** Adds a line; it reaches the disk with the next {@link flush}. */
  add(event: MetricsEvent): void {
    this.#pending.push(`${JSON.stringify(event)}\n`);
  }

  /** Number of lines not yet written. */
  get pending(): number {
    return this.#pending.length;
  }

  /**
   * Writes what was added.
   *
   * @throws UnravelError `disk-full` or `bad-input` when the write is refused; the lines are lost then, and none is
   *   left half written
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
