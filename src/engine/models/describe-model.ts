import type { ArchitectureName } from '../../contract/architecture.ts';
import type { ModelShape, ModelSpec, Networks } from './architecture.ts';
import { burgess } from './architectures/burgess.ts';
import { ownNetworks } from './architectures/own.ts';
import { paper } from './architectures/paper.ts';
import { residual } from './architectures/residual.ts';

const architectures: Record<ArchitectureName, (shape: ModelShape) => Networks> = {
  paper,
  burgess,
  residual,
};

/**
 * The layers of an architecture at given sizes.
 *
 * @throws UnravelError `bad-input` for an architecture of a person's own whose layers do not fit together
 */
export function describeModel(shape: ModelShape): ModelSpec {
  const { architecture } = shape;
  const { encoder, decoder, ...networks } =
    typeof architecture === 'string' ? architectures[architecture](shape) : ownNetworks(architecture, shape);
  // A quantised model is no VAE, but it is published with logits (Hsu et al. 2023), so that any decoder can be chosen.
  const output = shape.valuesPerDimension === undefined ? networks.output : 'sigmoid';
  if (!shape.conditionWidth) return { shape, encoder, decoder, output };
  // The condition is appended to the encoder's last features and to z (Sohn et al. 2015).
  const append = { kind: 'append', width: shape.conditionWidth } as const;
  return {
    shape,
    encoder: [...encoder.slice(0, -1), append, ...encoder.slice(-1)],
    decoder: [append, ...decoder],
    output,
  };
}
