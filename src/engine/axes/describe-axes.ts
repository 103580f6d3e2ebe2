import type { IndependentAxes } from '../../contract/operations/codes.ts';
import { tensor } from '../../contract/tensor.ts';
import type { RunAxes } from './run-axes.ts';

/** Describes a run's axes for a window: what each carries, and how to move along it. */
export function describeAxes({ components, names }: RunAxes): IndependentAxes {
  const { latentDim, count, mean, unmixing, mixing, hasConverged } = components;
  const variances = Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (let l = 0; l < latentDim; l++) sum += mixing[l * count + k]! ** 2;
    return sum;
  });
  const total = variances.reduce((sum, value) => sum + value, 0);
  return {
    axes: names.map(({ dimension, column, bits, share }) => ({
      axis: dimension,
      variance: variances[dimension]! / total,
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
