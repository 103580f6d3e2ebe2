import { UnravelError } from '../../contract/errors.ts';
import { descriptorOf, isVariational, valuesPerDimension, type RunInfo } from '../../contract/run.ts';
import { learnsVariance } from '../losses/decoders.ts';
import { conditionWidth } from '../../contract/condition.ts';
import { describeNetwork } from '../models/foreign/describe.ts';
import type { ModelSpec } from '../models/architecture.ts';
import { describeModel } from '../models/describe-model.ts';
import {
  planCodeDiscriminator,
  planImageDiscriminator,
  planPatchDiscriminator,
  VARIANCE_SLOT,
} from '../models/companions.ts';
import { weightSlots, type WeightSlot } from '../models/weights.ts';

/** The error for a run of codes that another program computed, where an encoder or a decoder is needed. */
export function withoutModel(): UnravelError {
  return new UnravelError('bad-input', 'This run has codes only: it has no encoder and no decoder.', {
    hint: 'Its points, colours, neighbours and metrics can be seen. Open the model itself to decode codes or to encode other images.',
  });
}

/**
 * The layers of a run's model.
 *
 * @throws UnravelError `bad-input` for a run that has codes only
 */
export function specOfRun({
  config,
  imageSize,
  channels,
  condition,
  network,
  hasCodesOnly,
}: Pick<RunInfo, 'config' | 'imageSize' | 'channels' | 'condition' | 'network' | 'hasCodesOnly'>): ModelSpec {
  if (hasCodesOnly) throw withoutModel();
  const values = valuesPerDimension(config.objective);
  const shape = {
    architecture: config.architecture,
    latentDim: config.latentDim,
    imageSize,
    channels,
    variational: isVariational(config.objective),
    ...(values === undefined ? {} : { valuesPerDimension: values }),
    ...(config.deviation ? { deviation: config.deviation } : {}),
  };
  if (network) return describeNetwork(network, shape);
  return describeModel({
    ...shape,
    ...(condition ? { conditionWidth: conditionWidth(condition) } : {}),
  });
}

/**
 * The weights that are trained with a model but are not part of it: those of a discriminator, or the decoder's
 * variance.
 */
export function companionSlots({
  config: { objective, decoder, latentDim },
  imageSize,
  channels,
  sharpening,
}: Pick<RunInfo, 'config' | 'imageSize' | 'channels' | 'sharpening'>): WeightSlot[] {
  if (sharpening) return planPatchDiscriminator(imageSize, channels).flatMap(weightSlots);
  const { discriminator } = descriptorOf(objective.model);
  const pictures = planImageDiscriminator(imageSize, channels);
  return [
    ...(discriminator === 'codes' ? planCodeDiscriminator(latentDim) : []).flatMap(weightSlots),
    ...(discriminator === 'images' ? [...pictures.lower, ...pictures.upper] : []).flatMap(weightSlots),
    ...(learnsVariance(decoder) ? [VARIANCE_SLOT] : []),
  ];
}
