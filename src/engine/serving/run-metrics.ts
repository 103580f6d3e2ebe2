import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { EpochMetric, StepMetric } from '../../contract/operations/runs.ts';
import { METRICS_FILE } from '../runs/store.ts';
import { parseMetricsLine } from '../training/metrics-log.ts';

const READ_BYTES = 1 << 20;
const NEW_LINE = 0x0a;
/** As many points as a curve can show. */
const MOST_STEPS = 1000;
/** Runs whose metrics are kept in memory. */
const MOST_RUNS = 4;

/** A run's curves. */
export interface RunMetrics {
  readonly steps: readonly StepMetric[];
  readonly epochs: readonly EpochMetric[];
}

/** What was read of a run's `metrics.jsonl` so far. */
interface Known {
  /** Another file has taken its place when this differs: a resumed run writes it anew. */
  readonly inode: number;
  /** Bytes read, up to the end of a line. */
  bytes: number;
  readonly steps: StepMetric[];
  readonly epochs: EpochMetric[];
}

/**
 * Takes at most so many of a list's items, evenly, the first and the last among them.
 *
 * @param most - at least two
 */
export function thin<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items];
  const last = items.length - 1;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * last) / (most - 1))]!);
}

/** Reads runs' metrics, each byte of them once: what a training adds is read when it is asked for again. */
export class MetricsReader {
  /** The least recently used first. */
  readonly #known = new Map<string, Known>();
  /** One reading a run at a time, since two would add the same lines. */
  readonly #reading = new Map<string, Promise<Known>>();

  /** All steps and epochs of the run in a folder; empty where it has none. */
  async read(folder: string): Promise<RunMetrics> {
    const before = this.#reading.get(folder);
    const reading = (before ?? Promise.resolve()).then(() => this.#refresh(folder));
    this.#reading.set(folder, reading);
    try {
      return await reading;
    } finally {
      if (this.#reading.get(folder) === reading) this.#reading.delete(folder);
    }
  }

  /** The same with the steps thinned to at most a thousand. */
  async readThinned(folder: string): Promise<{ steps: StepMetric[]; epochs: EpochMetric[] }> {
    const { steps, epochs } = await this.read(folder);
    return { steps: thin(steps, MOST_STEPS), epochs: [...epochs] };
  }

  async #refresh(folder: string): Promise<Known> {
    const path = join(folder, METRICS_FILE);
    const status = await stat(path).catch(() => undefined);
    if (!status) return { inode: 0, bytes: 0, steps: [], epochs: [] };
    let known = this.#known.get(folder);
    if (known?.inode !== status.ino || known.bytes > status.size) {
      known = { inode: status.ino, bytes: 0, steps: [], epochs: [] };
    }
    this.#known.delete(folder);
    this.#known.set(folder, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_RUNS) break;
      this.#known.delete(oldest);
    }
    if (known.bytes < status.size) await readOn(path, known);
    return known;
  }
}

/** Reads whole lines from where reading stopped; a line that is still being written is left for the next time. */
async function readOn(path: string, known: Known): Promise<void> {
  const file = await open(path, 'r');
  try {
    let buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, known.bytes);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(NEW_LINE) + 1;
      if (end > 0) {
        addLines(buffer.toString('utf8', 0, end), known);
        known.bytes += end;
      } else if (bytesRead === buffer.length) {
        // A line longer than the buffer.
        buffer = Buffer.alloc(buffer.length * 2);
      } else {
        return;
      }
    }
  } finally {
    await file.close();
  }
}

function addLines(text: string, known: Known): void {
  for (const line of text.split('\n')) {
    const event = parseMetricsLine(line);
    if (!event) continue;
    const { step, epoch, loss } = event;
    if (event.event === 'step') {
      known.steps.push({ step, epoch, loss, imagesPerSecond: event.imagesPerSecond });
    } else {
      const { heldOut, decomposition, seconds } = event;
      known.epochs.push({ epoch, step, loss, heldOut, ...(decomposition ? { decomposition } : {}), seconds });
    }
  }
}
