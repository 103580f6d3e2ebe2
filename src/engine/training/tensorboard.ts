import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingEvent } from '../../contract/run.ts';
import { explainWriteError } from '../../system/write-error.ts';
import { EventFile } from '../files/event-file.ts';

type EpochEvent = Extract<TrainingEvent, { event: 'epoch' }>;

/** The numbers of an epoch by the names that TensorBoard shows, grouped by the part before the stroke. */
export function scalarsOf({ loss, heldOut, decomposition, seconds }: EpochEvent): Record<string, number> {
  const scalars: Record<string, number> = { 'loss/total': loss.total };
  for (const [name, value] of Object.entries(loss.terms)) scalars[`loss/${name}`] = value;
  scalars['held_out/reconstruction'] = heldOut.reconstruction;
  if (heldOut.meanImage !== undefined) scalars['held_out/mean_image'] = heldOut.meanImage;
  scalars['held_out/kl'] = heldOut.kl;
  scalars['held_out/active_dimensions'] = heldOut.activeDimensions;
  heldOut.klPerDimension.forEach((kl, dimension) => (scalars[`held_out_kl/z${dimension}`] = kl));
  if (decomposition) {
    scalars['decomposition/mutual_information'] = decomposition.mutualInformation;
    scalars['decomposition/total_correlation'] = decomposition.totalCorrelation;
    scalars['decomposition/dimensionwise_kl'] = decomposition.dimensionwiseKl;
  }
  scalars['time/epoch_seconds'] = seconds;
  return scalars;
}

/**
 * Writes every epoch's metrics for TensorBoard, in a folder of the run's id inside a folder that a person named. A resumed
 * run adds a file to its folder, which TensorBoard reads as one with those before.
 */
export class TensorBoardLog {
  readonly #folder: string;
  #file: EventFile | undefined;

  /** @throws UnravelError if the folder cannot be created or written to */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK);
    } catch (error) {
      throw explainWriteError(folder, error);
    }
  }

  /** Takes each event of a training. */
  readonly onEvent = (event: TrainingEvent): void => {
    if (event.event === 'started') this.#file ??= new EventFile(join(this.#folder, event.run));
    if (event.event === 'epoch') this.#file?.add(event.step, scalarsOf(event));
  };

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
