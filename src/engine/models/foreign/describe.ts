import { UnravelError } from '../../../contract/errors.ts';
import type { Network } from '../../../contract/network.ts';
import { planModel, type ModelShape, type ModelSpec, type PlannedLayer } from '../architecture.ts';
import { elements } from '../weights.ts';

const MOST_VALUES = 1 << 24;

/**
 * The layers of an imported network, checked against each other: they are read from a file.
 *
 * @throws UnravelError `bad-input` for layers that do not fit together
 */
export function describeNetwork({ encoder, decoder, output, range }: Network, shape: ModelShape): ModelSpec {
  const spec: ModelSpec = { shape, encoder, decoder, output, range };
  const plan = planModel(spec);
  const { imageSize, channels, latentDim, variational } = shape;
  const fits =
    [...plan.encoder, ...plan.decoder].every(isPossible) &&
    elements(plan.encoder.at(-1)!.output) === (variational ? 2 : 1) * latentDim &&
    plan.decoder.at(-1)!.output.join() === [imageSize, imageSize, channels].join();
  if (fits) return spec;
  throw new UnravelError('bad-input', 'The layers of this imported model do not fit together.', {
    hint: 'Its description is damaged. Import the model again.',
  });
}

function isPossible({ spec, input, output, inner }: PlannedLayer): boolean {
  const isWhole = output.every((n) => Number.isSafeInteger(n) && n > 0) && elements(output) <= MOST_VALUES;
  if (spec.kind === 'residual') {
    return isWhole && inner.every(isPossible) && inner.at(-1)?.output.join() === input.join();
  }
  return isWhole && (spec.kind !== 'reshape' || elements(input) === elements(output));
}
