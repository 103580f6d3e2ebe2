import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { DimensionNameSchema, type DimensionName } from '../../contract/metrics.ts';
import { MOST_DIMENSIONS } from '../../contract/numbers.ts';
import { readSafetensors, writeSafetensors, type AnyTensor } from '../files/safetensors.ts';
import { readCheckpointStep } from '../runs/checkpoint.ts';
import { AXES_FOLDER } from '../runs/store.ts';
import type { IndependentComponents } from './fast-ica.ts';

const FORMAT = 'unravel-axes-1';
/** Maximum size of a file: two matrices of doubles, and a thousand bytes for each name. */
const MOST_BYTES = 2 * 8 * MOST_DIMENSIONS ** 2 + 1100 * MOST_DIMENSIONS;

/** The independent axes of a run's codes of a data set. */
export interface RunAxes {
  readonly components: IndependentComponents;
  /** What each axis carries; the name of one without a label is its number: `a3`. */
  readonly names: readonly DimensionName[];
}

/** The path of a data set's axes in a run's folder. */
export function axesFile(folder: string, dataset: string): string {
  return join(folder, AXES_FOLDER, `${dataset}.safetensors`);
}

/**
 * Stores axes with a run. They belong to the step of its checkpoint.
 *
 * @param folder - the run's folder
 * @param step - 0 for a run that has codes only
 */
export async function storeAxes(
  folder: string,
  dataset: string,
  { components, names }: RunAxes,
  step: number,
): Promise<void> {
  const { latentDim, count, mean, unmixing, mixing, hasConverged } = components;
  const tensors = new Map<string, AnyTensor>([
    ['mean', { shape: [latentDim], data: mean }],
    ['unmixing', { shape: [count, latentDim], data: unmixing }],
    ['mixing', { shape: [latentDim, count], data: mixing }],
  ]);
  await writeSafetensors(axesFile(folder, dataset), tensors, {
    metadata: {
      format: FORMAT,
      step: String(step),
      converged: String(hasConverged),
      names: JSON.stringify(names),
    },
  });
}

function readNames(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/**
 * Reads a run's axes.
 *
 * @param latentDim - the number of dimensions of the run's model
 * @throws UnravelError `not-found` if there are none for its current checkpoint; `bad-input` for a damaged file
 */
export async function readAxes(folder: string, dataset: string, latentDim: number): Promise<RunAxes> {
  const path = axesFile(folder, dataset);
  const { tensors, metadata } = await readSafetensors(path, undefined, { mostBytes: MOST_BYTES });
  const damaged = new UnravelError(
    'bad-input',
    `Could not use ${path}: it does not hold the axes of this run.`,
    {
      path,
      hint: 'Compute the axes again.',
    },
  );
  const [mean, unmixing, mixing] = ['mean', 'unmixing', 'mixing'].map((name) => tensors.get(name));
  const count = unmixing?.shape[0] ?? 0;
  const isOf = (tensor: AnyTensor | undefined, shape: readonly number[]): tensor is AnyTensor =>
    tensor?.data instanceof Float64Array &&
    tensor.shape.length === shape.length &&
    tensor.shape.every((size, i) => size === shape[i]) &&
    tensor.data.every(Number.isFinite);
  const names = v.safeParse(
    v.pipe(
      v.array(DimensionNameSchema),
      v.check((all) => all.length === count && all.every(({ dimension }, i) => dimension === i)),
    ),
    readNames(metadata['names']),
  );
  if (
    metadata['format'] !== FORMAT ||
    !isOf(mean, [latentDim]) ||
    !isOf(unmixing, [count, latentDim]) ||
    !isOf(mixing, [latentDim, count]) ||
    !names.success
  ) {
    throw damaged;
  }
  if (metadata['step'] !== String((await readCheckpointStep(folder)) ?? 0)) {
    throw new UnravelError('not-found', `The axes in ${path} belong to an earlier checkpoint of this run.`, {
      path,
      hint: 'Compute the axes again.',
    });
  }
  const doubles = ({ data }: AnyTensor): Float64Array => data as Float64Array;
  return {
    components: {
      latentDim,
      count,
      mean: doubles(mean),
      unmixing: doubles(unmixing),
      mixing: doubles(mixing),
      hasConverged: metadata['converged'] === 'true',
    },
    names: names.output,
  };
}
