import type { LinearProjection, Projection } from '../../../../contract/operations/codes.ts';
import type { Posterior } from '../../../../contract/operations/models.ts';
import { NO_PATH, type LatentPathData } from '../../../scene/latent-path.ts';
import { fileName } from '../numbers.ts';
import type { Place } from '../state/linear-projection.ts';
import type { LiveCode } from '../state/live-code.svelte.ts';
import type { PointsState } from './points.svelte.ts';

/** An image that a path begins or ends at. */
interface PathImage<Known extends keyof Posterior> {
  readonly index: number;
  readonly name: string;
  readonly posterior: Pick<Posterior, Known>;
}

/** Where codes lie, and what of them the path is made of. */
export interface PathSource {
  readonly projection: Projection | undefined;
  readonly live: Pick<LiveCode, 'undoStack' | 'z'>;
  readonly pinned: PathImage<'logVar'> | undefined;
  readonly second?: PathImage<'mu'> | undefined;
  placeOf(code: Float32Array): Place | undefined;
  readonly livePlace: Place | undefined;
}

/** The path as the scene draws it: its codes as places on the three axes. */
export function latentPathOf(explore: PathSource, points: PointsState): LatentPathData {
  const { projection, live, pinned, second } = explore;
  const [start] = live.undoStack;
  if (!projection || !start) return NO_PATH;
  const begin = explore.placeOf(start);
  // In an embedding, places come a moment after their codes.
  if (!begin) return NO_PATH;
  const isCommitted = live.undoStack.at(-1) === live.z;
  const codes = isCommitted ? live.undoStack : [...live.undoStack, live.z];
  const between = codes.slice(1, -1).map((code) => explore.placeOf(code));
  const end = codes.length > 1 ? [explore.livePlace ?? begin] : [];
  const places = [begin, ...between.filter((place) => place !== undefined), ...end];
  const logVar = pinned?.posterior.logVar?.data;
  const secondPlace = second && explore.placeOf(second.posterior.mu.data);
  return {
    places: Float32Array.from(places.flat()),
    pinned: pinned && { name: fileName(pinned.name), colour: colourOf(points, pinned.index) },
    isMoved: codes.length > 1,
    covariance: logVar && projection.kind === 'linear' ? covarianceOf(projection, logVar) : undefined,
    second: second &&
      secondPlace && {
        name: fileName(second.name),
        colour: colourOf(points, second.index),
        place: secondPlace,
      },
  };
}

/** The covariance of a posterior on the three axes, B diag(Σ) Bᵀ, `[3, 3]`. */
export function covarianceOf({ basis }: Pick<LinearProjection, 'basis'>, logVar: Float32Array): Float32Array {
  const latentDim = logVar.length;
  const covariance = new Float32Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let l = 0; l < latentDim; l++) {
        sum += basis.data[i * latentDim + l]! * Math.exp(logVar[l]!) * basis.data[j * latentDim + l]!;
      }
      covariance[i * 3 + j] = sum;
    }
  }
  return covariance;
}

function colourOf(points: PointsState, index: number): string {
  return points.colourOf(index) ?? points.explore.app.theme.palette.ink3;
}
