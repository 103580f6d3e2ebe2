import { isActive } from '../../../contract/activity.ts';
import type { Dimension } from '../../../contract/operations/codes.ts';
import { isVariational, type RunInfo } from '../../../contract/run.ts';
import { outcomeOf, verdictOf, type Verdict } from '../../../contract/verdict.ts';

/**
 * What is wrong with a model that Explore shows: it has learned nothing or has collapsed, by its own held-out images,
 * or else no dimension tells anything about the images that are shown.
 *
 * @returns undefined where nothing is wrong, and while the run is being trained
 */
export function modelVerdict(run: RunInfo, dimensions: readonly Dimension[]): Verdict | undefined {
  const { config, heldOut, epoch, step, state } = run;
  if (state === 'running' || dimensions.length === 0) return undefined;
  const outcome = outcomeOf(run);
  if (heldOut && (outcome === 'nothing' || outcome === 'collapsed')) {
    return verdictOf({
      config,
      images: run.dataset?.images,
      epochs: [{ epoch: Math.max(1, epoch), step, heldOut }],
      isOver: true,
    });
  }
  const hasPosterior = isVariational(config.objective);
  if (!hasPosterior || dimensions.some((one) => isActive(one, hasPosterior))) return undefined;
  return {
    kind: 'collapsed',
    title: `0 of ${dimensions.length} dimensions tell anything about these images`,
    text: 'Every image is encoded as the prior, so all reconstructions are the same picture.',
  };
}
