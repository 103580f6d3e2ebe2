import type { IndependentAxes } from '../../contract/operations/codes.ts';
import { tensor } from '../../contract/tensor.ts';
import { varianceParts } from './fast-ica.ts';
import type { RunAxes } from './run-axes.ts';

/** Describes a run's axes for a window: what each carries, and how to move along it. */
export function describeAxes({ components, names }: RunAxes): IndependentAxes {
  const { latentDim, count, mean, unmixing, mixing, hasConverged } = components;
  const variances = varianceParts(components);
  return {
    axes: names.map(({ dimension, column, bits, share }) => ({
      axis: dimension,
      variance: variances[dimension]!,
      ...(column === null
        ? {}
        : {
            name: column,
            bits,
            ...(share === undefined ? {} : { share }),
            sameName: names.filter((other) => other.column === column).length,
          }),
    })),
    mean: tensor('f32', [latentDim], Float32Array.from(mean)),
    unmixing: tensor('f32', [count, latentDim], Float32Array.from(unmixing)),
    mixing: tensor('f32', [latentDim, count], Float32Array.from(mixing)),
    hasConverged,
  };
}

/**
 * An axis's label in a figure: `a3 · smile, 0.71 bits`, or `a3`.
 *
 * @param name - what it carries; null if it carries no label or factor
 */
export function axisLabel(axis: number, name: string | null): string {
  return name === null ? `a${axis}` : `a${axis} · ${name}`;
}
