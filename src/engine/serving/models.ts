import { UnravelError } from '../../contract/errors.ts';
import { tensor, type Tensor } from '../../contract/tensor.ts';
import { unitToByte } from '../export/picture.ts';
import { readConditions } from '../inference/conditions.ts';
import { readFitted } from '../inference/image-source.ts';
import type { InferenceModel, TrainedModel } from '../inference/model.ts';
import { klPerDimension } from '../losses/kl.ts';
import { encodeCondition } from '../models/condition.ts';
import { samplePrior } from '../traversal/sample-prior.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './handlers.ts';

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

/**
 * What a value of its column tells a conditional model.
 *
 * @throws UnravelError `bad-input` for a model that is told nothing, or a category that there is not
 */
function toldOf({ condition }: TrainedModel, value: number | undefined): Float32Array | undefined {
  if (value === undefined) return undefined;
  if (!condition) throw new UnravelError('bad-input', 'The model takes no condition.');
  const { column, type, categories = [] } = condition;
  if (type === 'categorical' && categories[value] === undefined) {
    throw new UnravelError('bad-input', `${column} has no category number ${value}.`, {
      hint: `It is one of ${categories.join(', ')}.`,
    });
  }
  return encodeCondition(condition, [value]);
}

/** Floats in [0, 1] as bytes. */
function toBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) bytes[i] = unitToByte(values[i]!);
  return bytes;
}

async function decode(
  { turns }: EngineContext,
  model: InferenceModel,
  z: Tensor<'f32'>,
  condition: number | undefined,
): Promise<Tensor<'u8'>> {
  checkCodes(model, z);
  const told = toldOf(model, condition);
  const { imageSize, channels, latentDim } = model;
  const count = z.shape[0]!;
  const size = imageSize * imageSize * channels;
  const images = new Uint8Array(count * size);
  for (let start = 0; start < count; start += CODES_PER_TURN) {
    const end = Math.min(count, start + CODES_PER_TURN);
    const codes = z.data.subarray(start * latentDim, end * latentDim);
    await turns.run('decode', () =>
      images.set(toBytes(model.decode(codes, end - start, told)), start * size),
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

/** Models: images of codes, codes of images, and the frames of a GIF. */
export function modelsHandlers(
  context: EngineContext,
): Pick<
  EngineHandlers,
  'models.decode' | 'models.posterior' | 'models.sample' | 'models.samples' | 'models.preview'
> {
  return {
    'models.decode': ({ run, z, condition }) =>
      context.withModel(run, (model) => decode(context, model, z, condition)),

    'models.posterior': ({ run, dataset, index }) =>
      context.withModel(run, (model) =>
        context.withDataset(dataset, async (images) => {
          const original = await readFitted(images, [index], model);
          const condition = (await readConditions(model.condition, images))([index]);
          const { imageSize, channels, latentDim } = model;
          const shape = [imageSize, imageSize, channels];
          return context.turns.run('posterior', () => {
            const { mu, logVar } = model.encode(original, 1, condition);
            const raw = model.decodeRaw(mu, 1, condition);
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
            };
          });
        }),
      ),

    'models.sample': ({ run, seed }) =>
      context.withModel(run, ({ latentDim }) => tensor('f32', [latentDim], samplePrior(seed, 1, latentDim))),

    'models.samples': ({ run, seed, count }) =>
      context.withModel(run, ({ latentDim }) =>
        tensor('f32', [count, latentDim], samplePrior(seed, count, latentDim)),
      ),

    'models.preview': async ({ recipe }) => {
      // Drawing brings the canvas with it, which the first answers need not wait for.
      const { previewRecipe } = await import('../export/recipe.ts');
      return context.withModel(recipe.run, (model) => previewRecipe(model, recipe));
    },
  };
}
