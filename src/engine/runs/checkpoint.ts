import { join } from 'node:path';
import type { ModelSpec } from '../models/architecture.ts';
import {
  modelSlots,
  normedLayers,
  type Statistics,
  type Weights,
  type WeightSlot,
} from '../models/weights.ts';
import { UnravelError } from '../../contract/errors.ts';
import {
  describeSafetensors,
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type HostTensor,
  type TensorFile,
} from '../files/safetensors.ts';
import { CHECKPOINT_FILE } from './store.ts';

/** Everything a training needs to go on as if it had never stopped. */
export interface Checkpoint {
  readonly weights: Weights;
  /** Means and variances for inference. */
  readonly statistics: Statistics;
  /** Adam's moments; absent in a model that is not trained further. */
  readonly moments: Weights | undefined;
  /** What learns along with the model, weights and moments; left out of one that is not trained further. */
  readonly companions?: Weights;
  /** Steps done. With the seed it addresses every random number drawn after. */
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
  return shapes;
}

/**
 * Writes a run's checkpoint, whole or not at all.
 *
 * @param half - half precision without moments: for a model to give away
 */
export async function writeCheckpoint(
  folder: string,
  { weights, statistics, moments, companions, step, epoch }: Checkpoint,
  { half = false }: { half?: boolean } = {},
): Promise<void> {
  const tensors = new Map<string, HostTensor>([
    ...weights,
    ...statistics,
    ...(moments ?? []),
    ...(companions ?? []),
  ]);
  const metadata = { format: 'unravel-checkpoint-1', step: String(step), epoch: String(epoch) };
  await writeSafetensors(join(folder, CHECKPOINT_FILE), tensors, { metadata, half });
}

/** What of a checkpoint is read beside the model itself. */
export interface CheckpointParts {
  /** False leaves Adam's moments out, two thirds of the file: for a model that is looked at. */
  readonly moments?: boolean;
  /** The weights of what learns along, where the model is trained further. */
  readonly companions?: readonly WeightSlot[];
}

/**
 * Reads and checks a run's checkpoint: every weight there, of the shape that the model wants, and finite.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function readCheckpoint(
  folder: string,
  spec: ModelSpec,
  { moments = true, companions: slots = [] }: CheckpointParts = {},
): Promise<Checkpoint> {
  const path = join(folder, CHECKPOINT_FILE);
  const expected = expectedShapes(spec);
  const wanted = new Set([...expected.keys(), ...slots.map(({ name }) => name)]);
  const file = await readSafetensors(path, (name) => wanted.has(moments ? withoutMoment(name) : name));
  const weights = new Map<string, HostTensor>();
  const statistics = new Map<string, HostTensor>();
  for (const [name, shape] of expected) {
    const tensor = finiteTensor(file, name, shape, path);
    (/\.(mean|variance)$/.test(name) ? statistics : weights).set(name, tensor);
  }
  const along = new Map(slots.map(({ name, shape }) => [name, finiteTensor(file, name, shape, path)]));
  return {
    weights,
    statistics,
    moments: readMoments(file, weights, path),
    companions: new Map([...along, ...(readMoments(file, along, path) ?? [])]),
    step: readCount(file, 'step'),
    epoch: readCount(file, 'epoch'),
  };
}

/** Steps of the checkpoint that a run has now, by its header alone; undefined where there is none yet. */
export async function readCheckpointStep(folder: string): Promise<number | undefined> {
  try {
    return readCount(await describeSafetensors(join(folder, CHECKPOINT_FILE)), 'step');
  } catch (error) {
    if (error instanceof UnravelError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The name of the weight that a moment belongs to; others as they are. */
function withoutMoment(name: string): string {
  return name.replace(/\.adam_[mv]$/, '');
}

function finiteTensor(file: TensorFile, name: string, shape: readonly number[], path: string): HostTensor {
  const tensor = floatTensor(file, name, shape, path);
  if (tensor.data.every(Number.isFinite)) return tensor;
  throw new UnravelError('bad-input', `Could not use ${path}: ${name} holds values that are not numbers.`, {
    path,
    hint: 'The file is damaged. Train the model again, or take an older copy.',
  });
}

function readMoments(file: TensorFile, weights: Weights, path: string): Weights | undefined {
  const moments = new Map<string, HostTensor>();
  for (const [name, { data }] of weights) {
    for (const moment of [`${name}.adam_m`, `${name}.adam_v`]) {
      const shape = file.tensors.get(moment)?.shape;
      if (!shape) return undefined;
      const tensor = floatTensor(file, moment, shape, path);
      if (tensor.data.length !== data.length) return undefined;
      moments.set(moment, tensor);
    }
  }
  return moments;
}

function readCount(file: Pick<TensorFile, 'metadata'>, name: string): number {
  const value = Number(file.metadata[name] ?? 0);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
