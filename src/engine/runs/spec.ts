import type { RunInfo } from '../../contract/run.ts';
import { isVariational } from '../losses/objectives.ts';
import { describeModel, type ModelSpec } from '../models/architecture.ts';

/** The layers that a run's model has. */
export function specOfRun({ config, imageSize, channels }: RunInfo): ModelSpec {
  return describeModel({
    architecture: config.architecture,
    latentDim: config.latentDim,
    imageSize,
    channels,
    variational: isVariational(config.objective.model),
  });
}
