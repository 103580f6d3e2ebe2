import type { EpochMetric, StepMetric } from '../../contract/operations/runs.ts';
import { openMetrics, parseMetricsLine, readLines, type LinesPlace } from '../training/metrics-log.ts';

/** As many points as a curve can show. */
const MOST_STEPS = 1000;
/** Runs whose metrics are kept in memory. */
const MOST_RUNS = 4;

/** A run's curves. */
export interface RunMetrics {
  readonly steps: readonly StepMetric[];
  readonly epochs: readonly EpochMetric[];
  /** Lines that could not be used. */
  readonly passedOver: number;
}

/** The part of a run's `metrics.jsonl` that has been read. */
interface Known {
  /** Another file has taken its place when this differs: a resumed run writes it anew. */
  readonly inode: number;
  readonly place: LinesPlace;
  readonly steps: StepMetric[];
  readonly epochs: EpochMetric[];
  passedOver: number;
}

const nothingOf = (inode: number): Known => ({
  inode,
  place: { bytes: 0, isInLongLine: false },
  steps: [],
  epochs: [],
  passedOver: 0,
});

/**
 * Selects at most `most` evenly spaced items, including the first and the last.
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

  /**
   * All steps and epochs of the run in a folder; empty where it has none.
   *
   * @throws UnravelError `bad-input` where its metrics are no regular file
   */
  async read(folder: string): Promise<RunMetrics> {
    const before = this.#reading.get(folder);
    const reading = Promise.resolve(before)
      .catch(() => undefined)
      .then(() => this.#refresh(folder));
    this.#reading.set(folder, reading);
    try {
      return await reading;
    } finally {
      if (this.#reading.get(folder) === reading) this.#reading.delete(folder);
    }
  }

  /** The same with the steps thinned to at most a thousand. */
  async readThinned(
    folder: string,
  ): Promise<{ steps: StepMetric[]; epochs: EpochMetric[]; passedOver: number }> {
    const { steps, epochs, passedOver } = await this.read(folder);
    return { steps: thin(steps, MOST_STEPS), epochs: [...epochs], passedOver };
  }

  async #refresh(folder: string): Promise<Known> {
    const file = await openMetrics(folder);
    if (!file) return nothingOf(0);
    try {
      const { ino, size } = await file.stat();
      let known = this.#known.get(folder);
      if (known?.inode !== ino || known.place.bytes > size) known = nothingOf(ino);
      this.#known.delete(folder);
      this.#known.set(folder, known);
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= MOST_RUNS) break;
        this.#known.delete(oldest);
      }
      const { place } = known;
      if (place.bytes < size) await readLines(file, place, (line) => addLine(line, known));
      return known;
    } finally {
      await file.close();
    }
  }
}

function addLine(line: string | undefined, known: Known): void {
  if (line === '') return;
  const event = line === undefined ? undefined : parseMetricsLine(line);
  if (!event) {
    known.passedOver += 1;
    return;
  }
  const { step, epoch, loss } = event;
  if (event.event === 'step') {
    known.steps.push({ step, epoch, loss, imagesPerSecond: event.imagesPerSecond });
  } else {
    const { heldOut, decomposition, seconds } = event;
    known.epochs.push({ epoch, step, loss, heldOut, ...(decomposition ? { decomposition } : {}), seconds });
  }
}
