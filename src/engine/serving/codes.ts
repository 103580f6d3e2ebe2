import { UnravelError } from '../../contract/errors.ts';
import { isVariational, valuesPerDimension } from '../../contract/run.ts';
import { tensor } from '../../contract/tensor.ts';
import type { Dimension, Projection } from '../../contract/operations/codes.ts';
import { describeDimensions } from '../codes/describe-dimensions.ts';
import { describeAxes } from '../axes/describe-axes.ts';
import { findStoredAxes } from '../axes/evaluate-axes.ts';
import { valuesAlong, type IndependentComponents } from '../axes/fast-ica.ts';
import { noAxis, projectOnAxes } from '../axes/project-axes.ts';
import { nearestCodes } from '../codes/nearest.ts';
import { projectCodes } from '../codes/project.ts';
import { knownOf, type EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

/** Codes of whole data sets: the points of the scatter. */
export function codesHandlers(
  context: EngineContext,
): Pick<
  EngineHandlers,
  | 'codes.ready'
  | 'codes.project'
  | 'codes.nearest'
  | 'codes.dimensions'
  | 'codes.dimension'
  | 'codes.axes'
  | 'codes.axis'
> {
  /** Does something with the codes and the independent axes that were found of them. */
  async function withAxes<T>(
    { run, dataset, axis }: { readonly run: string; readonly dataset: string; readonly axis: number },
    use: (mu: Float32Array, components: IndependentComponents) => T | Promise<T>,
  ): Promise<T> {
    const { folder } = await context.run(run);
    return context.withCodes(run, dataset, async ({ codes: { mu, latentDim } }) => {
      const axes = await findStoredAxes(folder, dataset, latentDim);
      if (!axes) throw noAxis(axis, undefined);
      return use(mu, axes.components);
    });
  }

  return {
    'codes.ready': async ({ run, dataset }) => ({ ready: await context.hasCodes(run, dataset) }),

    'codes.project': async ({ run, dataset, axes }) => {
      if (axes.kind === 'independent') {
        const [first] = axes.axes;
        return withAxes({ run, dataset, axis: first }, (mu, components) =>
          projectOnAxes(mu, components, axes.axes),
        );
      }
      return context.withCodes(run, dataset, (open) => {
        const { mu, latentDim } = open.codes;
        const key = axes.kind === 'pca' ? 'pca' : `axes ${axes.dimensions.join(' ')}`;
        return knownOf<Projection>(open, key, () => projectCodes(mu, latentDim, axes));
      });
    },

    'codes.nearest': ({ run, dataset, z, count }) =>
      context.withCodes(run, dataset, ({ codes }) => nearestCodes(codes.mu, codes.latentDim, z, count)),

    'codes.dimensions': async ({ run, dataset }) => {
      const { info } = await context.run(run);
      const hasPosterior = isVariational(info.config.objective);
      const isQuantised = valuesPerDimension(info.config.objective) !== undefined;
      const values = isQuantised
        ? await context.withModel(run, ({ latentValues }) => latentValues)
        : undefined;
      return context.withCodes(run, dataset, (open) =>
        knownOf<Dimension[]>(open, 'dimensions', () =>
          context.withDataset(dataset, (images) =>
            describeDimensions(open.codes, images, hasPosterior, values),
          ),
        ),
      );
    },

    'codes.dimension': ({ run, dataset, dimension }) =>
      context.withCodes(run, dataset, ({ codes: { mu, latentDim } }) => {
        if (dimension >= latentDim) {
          throw new UnravelError('bad-input', `The model has no dimension ${dimension}.`, {
            hint: `Its dimensions are numbered 0 to ${latentDim - 1}.`,
          });
        }
        const count = mu.length / latentDim;
        const values = new Float32Array(count);
        for (let i = 0; i < count; i++) values[i] = mu[i * latentDim + dimension]!;
        return tensor('f32', [count], values);
      }),

    'codes.axes': async ({ run, dataset }) => {
      const { folder } = await context.run(run);
      return context.withCodes(run, dataset, async ({ codes }) => {
        const axes = await findStoredAxes(folder, dataset, codes.latentDim);
        return axes ? describeAxes(axes) : null;
      });
    },

    'codes.axis': ({ run, dataset, axis }) =>
      withAxes({ run, dataset, axis }, (mu, components) => {
        if (axis >= components.count) throw noAxis(axis, components.count);
        const values = valuesAlong(components, axis, mu);
        return tensor('f32', [values.length], values);
      }),
  };
}
