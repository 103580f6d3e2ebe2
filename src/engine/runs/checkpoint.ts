import { join } from 'node:path';
import type { ModelSpec } from '../models/architecture.ts';
import {
  LATENT_FREQUENCIES,
  latentSlots,
  modelSlots,
  normedLayers,
  type Statistics,
  type Weights,
  type WeightSlot,
} from '../models/weights.ts';
import { UnravelError } from '../../contract/errors.ts';
import { MOST_EPOCHS } from '../../contract/run.ts';
import {
  describeSafetensors,
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type HostTensor,
  type TensorFile,
} from '../files/safetensors.ts';
import { CHECKPOINT_FILE } from './store.ts';

const FORMAT = 'unravel-checkpoint-1';

/** What follows the names of the weights that the training goes on with. */
const TRAINED = 'trained';

/** The complete state of a training. Continuing from it gives the same result as an uninterrupted training. */
export interface Checkpoint {
  /** The weights that the model is evaluated with. */
  readonly weights: Weights;
  /** The weights that the training goes on with, where `weights` are their moving average. */
  readonly trained?: Weights | undefined;
  /** Means and variances of batch norms for inference, and how often a quantised model uses its values. */
  readonly statistics: Statistics;
  /** Adam's moments; absent in a model that is not trained further. */
  readonly moments: Weights | undefined;
  /**
   * Weights and moments of the networks that are trained with the model, such as a discriminator; left out of a
   * model that is not trained further.
   */
  readonly companions?: Weights;
  /** Number of completed steps. With the seed, it determines all further random numbers. */
  readonly step: number;
  readonly epoch: number;
}

/** The shapes of a model's weights and statistics, by name. */
function expectedShapes(spec: ModelSpec): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>(modelSlots(spec).map(({ name, shape }) => [name, shape]));
  for (const { name, channels } of normedLayers(spec)) {
    shapes.set(`${name}.mean`, [channels]);
    shapes.set(`${name}.variance`, [channels]);
  }
  for (const { shape } of latentSlots(spec)) shapes.set(LATENT_FREQUENCIES, shape);
  return shapes;
}

/**
 * Writes a run's checkpoint atomically.
 *
 * @param half - store half precision without moments, for an exported model
 */
export async function writeCheckpoint(
  folder: string,
  { weights, trained, statistics, moments, companions, step, epoch }: Checkpoint,
  { half = false }: { half?: boolean } = {},
): Promise<void> {
  const tensors = new Map<string, HostTensor>([
    ...weights,
    ...statistics,
    ...[...(trained ?? [])].map(([name, tensor]) => [`${name}.${TRAINED}`, tensor] as const),
    ...shapedAsWeights(moments ?? new Map(), weights),
    ...(companions ?? []),
  ]);
  const metadata = { format: FORMAT, step: String(step), epoch: String(epoch) };
  await writeSafetensors(join(folder, CHECKPOINT_FILE), tensors, { metadata, half });
}

/** Moments in the shapes of their weights: a layer may keep a filter, and so its moments, in fewer dimensions. */
function shapedAsWeights(moments: Weights, weights: Weights): Weights {
  return new Map(
    [...moments].map(([name, { shape, data }]) => [
      name,
      { shape: weights.get(withoutMoment(name))?.shape ?? shape, data },
    ]),
  );
}

/** The parts of a checkpoint to read in addition to the model. */
export interface CheckpointParts {
  /**
   * Adam's moments, which are two thirds of the file. `left-out`: they are not read, for a model that is not
   * trained further. `all`: they are required, for a model that is trained further. `all-or-none` (the default): an
   * exported model has none, but a file with only some of them is damaged.
   */
  readonly moments?: 'left-out' | 'all-or-none' | 'all';
  /** Whether a weight is trained, and so has moments; all are if left out. */
  readonly isTrained?: ((name: string) => boolean) | undefined;
  /** The weights of the networks that are trained with the model, for further training. */
  readonly companions?: readonly WeightSlot[];
}

/**
 * Reads and checks a run's checkpoint: every weight and moment must exist, have the model's shape, and be finite.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readCheckpoint(
  folder: string,
  spec: ModelSpec,
  { moments = 'all-or-none', isTrained = () => true, companions: slots = [] }: CheckpointParts = {},
): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT_FILE);
  const expected = expectedShapes(spec);
  const wanted = new Set([...expected.keys(), ...slots.map(({ name }) => name)]);
  const shapes = [...expected.values(), ...slots.map(({ shape }) => shape)];
  const numbers = shapes.reduce((sum, shape) => sum + shape.reduce((product, n) => product * n, 1), 0);
  const file = await readSafetensors(
    path,
    (name) => wanted.has(moments === 'left-out' ? name : withoutMoment(name)),
    // Each weight has two moments, and may have a moving average.
    { mostBytes: 4 * 4 * numbers },
  );
  const { step, epoch } = readProgress(file, path);
  const weights = new Map<string, HostTensor>();
  const statistics = new Map<string, HostTensor>();
  for (const [name, shape] of expected) {
    const tensor = finiteTensor(file, name, shape, path);
    (/\.(mean|variance|frequencies)$/.test(name) ? statistics : weights).set(name, tensor);
  }
  const withMoments = new Map([...weights].filter(([name]) => isTrained(name)));
  const along = new Map(slots.map(({ name, shape }) => [name, finiteTensor(file, name, shape, path)]));
  return {
    weights,
    trained: moments === 'left-out' ? undefined : readTrained(file, weights, path),
    statistics,
    moments: moments === 'left-out' ? undefined : readMoments(file, withMoments, path, moments),
    companions:
      moments === 'left-out'
        ? along
        : new Map([...along, ...(readMoments(file, along, path, moments) ?? [])]),
    step,
    epoch,
  };
}

/** Reads the step of a run's current checkpoint from its header; undefined if there is no checkpoint yet. */
export async function readCheckpointStep(folder: string): Promise<number | undefined> {
  try {
    const path = join(folder, CHECKPOINT_FILE);
    return readProgress(await describeSafetensors(path), path).step;
  } catch (error) {
    if (error instanceof UnravelError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The name of the weight that a moment, or the weight that the training goes on with, belongs to. */
function withoutMoment(name: string): string {
  return name.replace(/\.(adam_[mv]|trained)$/, '');
}

function damaged(path: string, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not use ${path}: ${what}.`, {
    path,
    hint: 'The file is damaged. Train the model again, or put back an older copy.',
  });
}

function finiteTensor(file: TensorFile, name: string, shape: readonly number[], path: string): HostTensor {
  const tensor = floatTensor(file, name, shape, path);
  if (!tensor.data.every(Number.isFinite)) throw damaged(path, `${name} holds values that are not numbers`);
  // Others are divided by the square roots of these values, and frequencies are drawn from.
  if (/\.(variance|adam_v|frequencies)$/.test(name) && tensor.data.some((value) => value < 0)) {
    throw damaged(path, `${name} holds values below zero`);
  }
  return tensor;
}

/** @returns undefined if the file has none, because its weights are not averages */
function readTrained(file: TensorFile, weights: Weights, path: string): Weights | undefined {
  const names = [...weights.keys()];
  const missing = names.filter((name) => !file.tensors.has(`${name}.${TRAINED}`));
  if (missing.length === names.length) return undefined;
  if (missing[0]) throw damaged(path, `${missing[0]}.${TRAINED}, a weight before averaging, is missing`);
  return new Map(
    names.map((name) => [name, finiteTensor(file, `${name}.${TRAINED}`, weights.get(name)!.shape, path)]),
  );
}

/** @returns undefined if the file has no moments and they are not required */
function readMoments(
  file: TensorFile,
  weights: Weights,
  path: string,
  wanted: 'all-or-none' | 'all',
): Weights | undefined {
  const all = [...weights].flatMap(([name, { shape }]) =>
    ['adam_m', 'adam_v'].map((part) => ({ name: `${name}.${part}`, shape })),
  );
  const missing = all.filter(({ name }) => !file.tensors.has(name));
  if (all.length > 0 && missing.length === all.length) {
    if (wanted === 'all-or-none') return undefined;
    throw damaged(path, 'it has no moments of Adam, which are needed to continue the training');
  }
  if (missing[0]) throw damaged(path, `${missing[0].name}, a moment of Adam, is missing`);
  return new Map(all.map(({ name, shape }) => [name, momentOf(file, name, shape, path)]));
}

/**
 * A moment in the shape of its weight. The filters of the paper's first transposed convolutions were once written
 * with moments of the shape `[height · width · out, in]`; their order in memory is the same.
 */
function momentOf(file: TensorFile, name: string, shape: readonly number[], path: string): HostTensor {
  const [height = 0, width = 0, out = 0, into = 0] = shape;
  const asMatrix = [height * width * out, into];
  const isMatrix = shape.length === 4 && file.tensors.get(name)?.shape.join() === asMatrix.join();
  return { ...finiteTensor(file, name, isMatrix ? asMatrix : shape, path), shape };
}

/** Reads the step and epoch of a checkpoint. */
function readProgress(
  { metadata }: Pick<TensorFile, 'metadata'>,
  path: string,
): Pick<Checkpoint, 'step' | 'epoch'> {
  const { format = 'no format' } = metadata;
  if (format !== FORMAT) throw damaged(path, `its format is ${format} instead of ${FORMAT}`);
  const count = (name: string, most: number): number => {
    const text = metadata[name];
    const value = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value <= most) return value;
    throw damaged(path, text === undefined ? `it does not say its ${name}` : `its ${name} cannot be ${text}`);
  };
  return { step: count('step', Number.MAX_SAFE_INTEGER), epoch: count('epoch', MOST_EPOCHS) };
}
