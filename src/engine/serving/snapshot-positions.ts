import { stat } from 'node:fs/promises';
import { alignComponents } from '../codes/align.ts';
import { meanAndVariance } from '../codes/principal-components.ts';
import { partsOf, projectCodes } from '../codes/project.ts';
import { listSnapshots, readSnapshot, snapshotFile } from '../training/snapshot.ts';

const AXES = 3;
/** Runs whose positions are kept; those of an epoch are 24 kB. */
const MOST_RUNS = 3;

/** Positions of an epoch's codes on three axes. */
export interface EpochPositions {
  /** `[n, 3]`. */
  readonly positions: Float32Array;
  /** Part of the variance that each axis explains. */
  readonly variance: [number, number, number];
}

interface Known extends EpochPositions {
  /** When the snapshot was written: a resumed run writes an epoch's again. */
  readonly mtimeMs: number;
  /** The epoch that it was aligned to, as it was then. */
  readonly before: Known | undefined;
}

/**
 * Projects the snapshots of runs to three axes: the principal components of each epoch's codes, aligned with
 * those of the epoch before, so that the points do not flip between epochs.
 */
export class SnapshotPositions {
  /** By folder and epoch. */
  readonly #runs = new Map<string, Map<number, Known>>();
  /** Epochs are aligned one after the other, so they are worked out one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  /** @throws UnravelError `not-found` where the epoch left no snapshot */
  at(folder: string, epoch: number): Promise<EpochPositions> {
    const positions = this.#last.then(() => this.#chain(folder, epoch));
    this.#last = positions.catch(() => undefined);
    return positions;
  }

  async #chain(folder: string, epoch: number): Promise<EpochPositions> {
    const known = this.#runs.get(folder) ?? new Map<number, Known>();
    this.#runs.delete(folder);
    this.#runs.set(folder, known);
    for (const oldest of this.#runs.keys()) {
      if (this.#runs.size <= MOST_RUNS) break;
      this.#runs.delete(oldest);
    }
    const earlier = (await listSnapshots(folder)).filter((other) => other < epoch);
    let before: Known | undefined;
    for (const each of [...earlier, epoch]) before = await positionsAfter(folder, each, before, known);
    return before!;
  }
}

async function positionsAfter(
  folder: string,
  epoch: number,
  before: Known | undefined,
  known: Map<number, Known>,
): Promise<Known> {
  const mtimeMs = await stat(snapshotFile(folder, epoch)).then(
    (status) => status.mtimeMs,
    () => 0,
  );
  const found = known.get(epoch);
  if (found?.mtimeMs === mtimeMs && found.before === before) return found;
  const { mu, latentDim } = await readSnapshot(folder, epoch, { images: false });
  const projection = await projectCodes(mu, latentDim, { kind: 'pca' });
  const isComparable = before?.positions.length === projection.positions.data.length;
  const positions = isComparable
    ? alignComponents(projection.positions.data, before.positions)
    : projection.positions.data;
  const made: Known = {
    positions,
    variance: isComparable ? await heldBy(positions, mu, latentDim) : projection.variance,
    mtimeMs,
    before,
  };
  known.set(epoch, made);
  return made;
}

/** Components of similar variance were rotated, so their parts of the variance are measured. */
async function heldBy(
  positions: Float32Array,
  mu: Float32Array,
  latentDim: number,
): Promise<[number, number, number]> {
  const { variance: all } = await meanAndVariance(mu, latentDim);
  const { variance } = await meanAndVariance(positions, AXES);
  return partsOf(
    variance,
    all.reduce((total, value) => total + value, 0),
  );
}
