import { isVariational, type RunInfo } from '../../../contract/run.ts';
import { counted } from '../../components/format.ts';

/** A model on the plane of rate and distortion, as measured on the images that it was not trained on. */
export interface PlanePoint {
  readonly run: RunInfo;
  /** KL, nats; null for an AE, which has no rate. */
  readonly rate: number | null;
  /** Squared error. */
  readonly distortion: number;
}

/** Every run of a data set that was measured. */
export function planePoints(runs: readonly RunInfo[], dataset: string): PlanePoint[] {
  return runs.flatMap((run) => {
    if (run.dataset?.id !== dataset || !run.heldOut) return [];
    const { kl, reconstruction } = run.heldOut;
    const rate = isVariational(run.config.objective) ? kl : null;
    return Number.isFinite(reconstruction) && (rate === null || Number.isFinite(rate))
      ? [{ run, rate, distortion: reconstruction }]
      : [];
  });
}

/** On which images some runs were measured, in words. */
export function heldOutWords(points: readonly PlanePoint[]): string {
  const counts = new Set(points.map(({ run }) => run.heldOut!.images));
  if (counts.size !== 1) return 'held out';
  const [count = 0] = counts;
  return `held out, ${counted(count, 'image')}`;
}
