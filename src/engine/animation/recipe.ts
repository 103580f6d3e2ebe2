import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnravelError } from '../../contract/errors.ts';
import type { Preview } from '../../contract/operations/models.ts';
import type { Recipe } from '../../contract/recipe.ts';
import { tensor } from '../../contract/tensor.ts';
import { axisLabel } from '../axes/describe-axes.ts';
import { conditionRow } from '../inference/conditions.ts';
import type { InferenceModel } from '../inference/model.ts';
import { dimensionLabel } from '../traversal/choose-dimensions.ts';
import {
  decodeCodes,
  evenly,
  interpolate,
  traversalCodes,
  traverseDirection,
} from '../traversal/traverse.ts';
import { pingPong } from './frame-order.ts';
import { encodeIndexed, frameDelays, quantise, type IndexedAnimation } from './gif.ts';
import type { Picture } from '../pictures/picture.ts';
import { figureColours, THEMES } from '../pictures/theme.ts';
import { traversalFrames, traversalFrameSize } from './traversal-layout.ts';

/** Maximum memory for making a GIF in a process of its own. */
const MOST_BYTES = 2 ** 30;
/** Maximum memory for a preview, which is made in the engine's process. */
const MOST_PREVIEW_BYTES = 2 ** 29;
/** Codes decoded at once. The same number everywhere, since a batch's size may change a result's last bit. */
const CODES_PER_TURN = 8;

/** The images that a recipe shows: a row for each dimension, a column for each value. */
interface DecodedTiles {
  /** `[dimensions][values]`. */
  readonly tiles: readonly (readonly Picture[])[];
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

/** Options for progress and cancellation of a rendering. */
export interface RenderOptions {
  /** Aborting throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called with the number of frames that are drawn. With ping-pong, most of them occur twice in the file. */
  readonly onFrame?: (drawn: number, frames: number) => void;
}

/** A recipe's GIF, and how it was made. */
export interface RenderedRecipe {
  readonly animation: IndexedAnimation;
  readonly file: Uint8Array;
}

/** Every code and direction of a recipe. */
function codesOf(recipe: Recipe): readonly (readonly number[])[] {
  switch (recipe.kind) {
    case 'traversal':
      return [recipe.center];
    case 'axes':
      return [recipe.center, ...recipe.axes.map(({ direction }) => direction)];
    case 'interpolation':
      return [recipe.start, recipe.end];
  }
}

/** @throws UnravelError `bad-input` for a recipe that is not for this model, or whose GIF would be too large */
function checkRecipe(model: InferenceModel, recipe: Recipe): void {
  const { latentDim, info } = model;
  const codes = codesOf(recipe);
  const other = codes.find((code) => code.length !== latentDim);
  if (other) {
    throw new UnravelError(
      'bad-input',
      `The recipe is for ${other.length} dimensions; the model of ${info.name} has ${latentDim}.`,
      { hint: 'Use it with the run that it was made with.' },
    );
  }
  const dimensions = recipe.kind === 'traversal' ? recipe.dimensions : [];
  const outside = dimensions.find((dimension) => dimension >= latentDim);
  if (outside !== undefined) {
    throw new UnravelError('bad-input', `The model of ${info.name} has no dimension ${outside}.`, {
      hint: `Its dimensions are numbered 0 to ${latentDim - 1}.`,
    });
  }
  if (bytesOfRendering(model, recipe) > MOST_BYTES) {
    throw new UnravelError('bad-input', 'This GIF would be too large to make.', {
      hint: 'Choose smaller faces, fewer dimensions or fewer frames.',
    });
  }
}

/** The labels of the tiles. */
function labelsOf({ info }: InferenceModel, recipe: Recipe): string[] {
  if (recipe.kind === 'interpolation') return ['start to end'];
  if (recipe.kind === 'axes') return recipe.axes.map(({ axis, name }) => axisLabel(axis, name));
  const kl = info.heldOut?.klPerDimension;
  return recipe.dimensions.map((dimension) => dimensionLabel(dimension, kl));
}

/** The size of a recipe's frames in the file, in pixels. */
function frameSize(model: InferenceModel, recipe: Recipe): number {
  const labels = labelsOf(model, recipe);
  const { layout, tileSizePx } = recipe;
  const { width, height } = traversalFrameSize(labels.length, {
    ...{ layout, tileSizePx },
    ...(recipe.labels ? { labels } : {}),
  });
  return width * height;
}

/**
 * Bytes that {@link renderRecipe} takes: every decoded image, every drawn frame, and the file, of at most a byte a
 * pixel.
 */
function bytesOfRendering(model: InferenceModel, recipe: Recipe): number {
  const { imageSize, channels } = model;
  const decoded = labelsOf(model, recipe).length * recipe.frames * imageSize ** 2 * channels;
  // Colours, then the palette's indices.
  const drawn = recipe.frames * frameSize(model, recipe) * (channels + 1);
  return decoded + drawn + orderOf(recipe).length * frameSize(model, recipe);
}

/** For each frame of the file the index of its value. */
function orderOf({ frames, pingPong: isPingPong }: Recipe): number[] {
  return isPingPong ? pingPong(frames) : [...Array(frames).keys()];
}

/** Condition and cancellation of decoding. */
interface DecodeOptions {
  readonly condition: Float32Array | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Decodes codes `[n, latentDim]` in several turns of the event loop. */
async function decodeInTurns(
  model: InferenceModel,
  codes: Float32Array,
  { condition, signal }: DecodeOptions,
): Promise<Picture[]> {
  const piece = CODES_PER_TURN * model.latentDim;
  const pictures: Picture[] = [];
  for (let start = 0; start < codes.length; start += piece) {
    await nextTurn();
    signal?.throwIfAborted();
    pictures.push(...decodeCodes(model, codes.subarray(start, start + piece), condition));
  }
  return pictures;
}

/** Decodes the images that a recipe shows. */
async function decodeTiles(
  model: InferenceModel,
  recipe: Recipe,
  signal: AbortSignal | undefined,
): Promise<DecodedTiles> {
  const options = { condition: conditionRow(model, recipe.condition), signal };
  if (recipe.kind === 'interpolation') {
    const codes = interpolate(Float32Array.from(recipe.start), Float32Array.from(recipe.end), recipe.frames);
    return {
      tiles: [await decodeInTurns(model, codes, options)],
      values: [...evenly(0, 1, recipe.frames)],
      labels: labelsOf(model, recipe),
    };
  }
  const values = evenly(recipe.from, recipe.to, recipe.frames);
  const center = Float32Array.from(recipe.center);
  const tiles: Picture[][] = [];
  const rows =
    recipe.kind === 'axes'
      ? recipe.axes.map(({ direction }) => traverseDirection(center, Float32Array.from(direction), values))
      : recipe.dimensions.map((dimension) => traversalCodes(model, center, dimension, values));
  for (const codes of rows) tiles.push(await decodeInTurns(model, codes, options));
  return { tiles, values: [...values], labels: labelsOf(model, recipe) };
}

/**
 * Makes a recipe's GIF. The same recipe on the same run gives the same bytes. The app's export, its preview and the
 * command line all use this function. Other work runs in between.
 *
 * @throws UnravelError `bad-input` for a recipe that does not fit the model, or whose GIF would be too large
 */
export async function renderRecipe(
  model: InferenceModel,
  recipe: Recipe,
  { signal, onFrame }: RenderOptions = {},
): Promise<RenderedRecipe> {
  checkRecipe(model, recipe);
  const { fps, layout, tileSizePx, theme } = recipe;
  const { tiles, values, labels } = await decodeTiles(model, recipe, signal);
  const pictures = traversalFrames({
    ...{ tiles, values, layout, tileSizePx, theme },
    ...(recipe.labels ? { labels } : {}),
  });
  // Each value is drawn once. With ping-pong, the frames are reused in reverse order.
  const drawn = await quantise({
    frames: followed(pictures, (done) => {
      signal?.throwIfAborted();
      onFrame?.(done, values.length);
    }),
    fps,
    reserved: figureColours(THEMES[theme]),
  });
  signal?.throwIfAborted();
  const order = orderOf(recipe);
  const animation: IndexedAnimation = {
    ...drawn,
    frames: order.map((index) => drawn.frames[index]!),
    delaysCs: frameDelays(order.length, { fps }),
  };
  return { animation, file: await encodeIndexed(animation) };
}

function* followed<T>(items: Iterable<T>, tell: (done: number) => void): Generator<T, void, undefined> {
  let done = 0;
  for (const item of items) {
    yield item;
    tell((done += 1));
  }
}

/**
 * The frames of a recipe's GIF, as in the file.
 *
 * @param signal - aborting throws its reason
 * @throws UnravelError `bad-input` for a recipe that does not fit the model, or takes more memory than a preview
 * may
 */
export async function previewRecipe(
  model: InferenceModel,
  recipe: Recipe,
  signal?: AbortSignal,
): Promise<Preview> {
  checkRecipe(model, recipe);
  const answered = orderOf(recipe).length * frameSize(model, recipe);
  if (bytesOfRendering(model, recipe) + answered > MOST_PREVIEW_BYTES) {
    throw new UnravelError('bad-input', 'This GIF is too large to be shown before it is made.', {
      hint: 'Export it, or choose smaller faces, fewer dimensions or fewer frames.',
    });
  }
  const { animation, file } = await renderRecipe(model, recipe, signal ? { signal } : {});
  const { width, height, palette, frames, delaysCs } = animation;
  const indices = new Uint8Array(frames.length * width * height);
  frames.forEach((frame, i) => indices.set(frame, i * width * height));
  return {
    width,
    height,
    palette: tensor('u8', [palette.length, 3], Uint8Array.from(palette.flat())),
    frames: tensor('u8', [frames.length, height, width], indices),
    delaysMs: delaysCs.map((delay) => delay * 10),
    bytes: file.length,
  };
}
