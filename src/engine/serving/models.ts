import { UnravelError } from '../../contract/errors.ts';
import type { Asker } from '../../contract/serve.ts';
import type { Input } from '../../contract/operations.ts';
import type { Posterior } from '../../contract/operations/models.ts';
import { tensor, type Tensor } from '../../contract/tensor.ts';
import { unitToByte } from '../pictures/picture.ts';
import { readOwnLabel, conditionRow } from '../inference/conditions.ts';
import { readFitted } from '../inference/image-source.ts';
import type { InferenceModel, TrainedModel } from '../inference/model.ts';
import { describePlan } from '../models/describe-plan.ts';
import { specOfRun } from '../runs/spec.ts';
import { newRun } from '../training/train.ts';
import { klPerDimension } from '../losses/kl.ts';
import { samplePrior } from '../traversal/sample-prior.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

/** Codes decoded at once: a few milliseconds, so that others have their turn. */
const CODES_PER_TURN = 8;

/** @throws UnravelError `bad-input` for codes of another model, or that are no numbers */
function checkCodes({ latentDim }: TrainedModel, z: Tensor<'f32'>): void {
  if (z.shape[1] !== latentDim) {
    throw new UnravelError(
      'bad-input',
      `The model has ${latentDim} dimensions, the codes ${z.shape[1] ?? 0}.`,
    );
  }
  if (!z.data.every(Number.isFinite)) {
    throw new UnravelError('bad-input', 'A code holds something that is not a number.');
  }
}

/** Floats in [0, 1] as bytes. */
function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = unitToByte(values[i]!);
  return bytes;
}

/**
 * The conditions of codes from one place to another.
 *
 * @throws UnravelError `bad-input` where it is said of each code, and not of as many as there are
 */
function conditionsOfCodes(
  model: TrainedModel,
  count: number,
  condition: number | readonly number[] | undefined,
): (start: number, end: number) => Float32Array | undefined {
  const rows = conditionRow(model, condition);
  if (typeof condition !== 'object') return () => rows;
  if (condition.length !== count) {
    throw new UnravelError('bad-input', `There are ${count} codes and ${condition.length} conditions.`);
  }
  const width = (rows?.length ?? 0) / count;
  return (start, end) => rows?.subarray(start * width, end * width);
}

async function decode(
  { turns }: EngineContext,
  model: InferenceModel,
  { z, condition }: Pick<Input<'models.decode'>, 'z' | 'condition'>,
  asker: Asker,
): Promise<Tensor<'u8'>> {
  checkCodes(model, z);
  const { imageSize, channels, latentDim } = model;
  const count = z.shape[0]!;
  const rows = conditionsOfCodes(model, count, condition);
  const size = imageSize * imageSize * channels;
  const images = new Uint8Array(count * size);
  for (let start = 0; start < count; start += CODES_PER_TURN) {
    const end = Math.min(count, start + CODES_PER_TURN);
    const codes = z.data.subarray(start * latentDim, end * latentDim);
    await turns.run('decode', asker, () =>
      images.set(toBytes(model.decode(codes, end - start, rows(start, end))), start * size),
    );
  }
  return tensor('u8', [count, imageSize, imageSize, channels], images);
}

/** ‖x − x̂‖², x in bytes and x̂ as the decoder gives it. */
function squaredError(image: Uint8Array, reconstruction: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < image.length; i++) sum += (reconstruction[i]! - image[i]! / 255) ** 2;
  return sum;
}

/** The code of an image that another program computed, without a reconstruction. */
function storedPosterior(
  context: EngineContext,
  run: string,
  dataset: string,
  index: number,
): Promise<Posterior> {
  return context.withCodes(run, dataset, ({ codes: { mu, latentDim } }) =>
    context.withDataset(dataset, async (images) => {
      const { imageSize, channels } = images.info;
      const original = await images.readImages([index]);
      return {
        mu: tensor('f32', [latentDim], mu.slice(index * latentDim, (index + 1) * latentDim)),
        logVar: null,
        klPerDimension: new Array<number>(latentDim).fill(0),
        reconstruction: null,
        original: tensor('u8', [imageSize, imageSize, channels], original),
        squaredError: null,
      };
    }),
  );
}

/** Models: images of codes, codes of images, and the frames of a GIF. */
export function modelsHandlers(
  context: EngineContext,
): Pick<
  EngineHandlers,
  'models.decode' | 'models.plan' | 'models.posterior' | 'models.sample' | 'models.samples' | 'models.preview'
> {
  return {
    'models.decode': ({ run, ...codes }, asker) =>
      context.withModel(run, (model) => decode(context, model, codes, asker)),

    'models.plan': ({ dataset, config }) =>
      context.withDataset(dataset, async (images) => describePlan(specOfRun(await newRun(images, config)))),

    'models.posterior': async ({ run, dataset, index }, asker) => {
      const { info } = await context.run(run);
      if (info.hasCodesOnly) return storedPosterior(context, run, dataset, index);
      return context.withModel(run, (model) =>
        context.withDataset(dataset, async (images) => {
          const original = await readFitted(images, [index], model);
          const condition = await readOwnLabel(model.condition, images, index);
          const rows = conditionRow(model, condition);
          const { imageSize, channels, latentDim } = model;
          const shape = [imageSize, imageSize, channels];
          return context.turns.run('posterior', asker, () => {
            const { mu, logVar } = model.encode(original, 1, rows);
            const raw = model.decodeRaw(mu, 1, rows);
            const isVariational = logVar.length > 0;
            return {
              mu: tensor('f32', [latentDim], mu),
              logVar: isVariational ? tensor('f32', [latentDim], logVar) : null,
              klPerDimension: isVariational
                ? [...klPerDimension(mu, logVar, latentDim)]
                : new Array<number>(latentDim).fill(0),
              reconstruction: tensor('u8', shape, toBytes(raw)),
              original: tensor('u8', shape, original),
              squaredError: squaredError(original, raw),
              ...(condition === undefined ? {} : { condition }),
            };
          });
        }),
      );
    },

    'models.sample': ({ run, seed }) =>
      context.withModel(run, (model) => tensor('f32', [model.latentDim], samplePrior(model, seed, 1))),

    'models.samples': ({ run, seed, count }) =>
      context.withModel(run, (model) =>
        tensor('f32', [count, model.latentDim], samplePrior(model, seed, count)),
      ),

    'models.preview': async ({ recipe }, { signal }) => {
      // Drawing brings the canvas with it, which the first answers need not wait for.
      const { previewRecipe } = await import('../animation/recipe.ts');
      return context.withModel(recipe.run, (model) => previewRecipe(model, recipe, signal));
    },
  };
}
