import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
  type HostTensor,
} from '../../../src/engine/files/safetensors.ts';
import type { ModelSpec } from '../../../src/engine/models/architecture.ts';
import { describeModel } from '../../../src/engine/models/describe-model.ts';
import { VARIANCE_SLOT } from '../../../src/engine/models/companions.ts';
import { initialWeights, normedLayers } from '../../../src/engine/models/weights.ts';
import { readCheckpoint, readCheckpointStep, writeCheckpoint } from '../../../src/engine/runs/checkpoint.ts';
import { CHECKPOINT_FILE } from '../../../src/engine/runs/store.ts';

const layer = {
  kernel: 4,
  stride: 2,
  padding: 'same',
  bias: false,
  batchNorm: true,
  activation: 'relu',
} as const;
/** A model of a few hundred weights, with batch norms. */
const spec: ModelSpec = {
  ...describeModel({ architecture: 'burgess', latentDim: 2, imageSize: 32, channels: 1, variational: true }),
  encoder: [
    { ...layer, kind: 'conv', filters: 2 },
    { kind: 'dense', units: 4, parts: 2, activation: 'linear' },
  ],
  decoder: [
    { kind: 'reshape', to: [1, 1, 2] },
    { ...layer, kind: 'conv-transpose', filters: 1 },
  ],
};
const weights = initialWeights(spec, 1);
const filled = (shape: readonly number[], value: number): HostTensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
});
const momentsOf = (of: ReadonlyMap<string, HostTensor>) =>
  new Map(
    [...of].flatMap(([name, { shape }]) => [
      [`${name}.adam_m`, filled(shape, -0.5)] as const,
      [`${name}.adam_v`, filled(shape, 0.25)] as const,
    ]),
  );
const statistics = new Map(
  normedLayers(spec).flatMap(({ name, channels }) => [
    [`${name}.mean`, filled([channels], 0)] as const,
    [`${name}.variance`, filled([channels], 1)] as const,
  ]),
);
const [someWeight] = [...weights.keys()] as [string];
const [someStatistic] = [...statistics.keys()] as [string];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-checkpoint-'));
  await writeCheckpoint(folder, { weights, statistics, moments: momentsOf(weights), step: 7, epoch: 2 });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Writes the checkpoint again with something in it changed. */
async function change(
  work: (tensors: Map<string, AnyTensor>, metadata: Record<string, string>) => void,
): Promise<void> {
  const path = join(folder, CHECKPOINT_FILE);
  const file = await readSafetensors(path);
  const tensors = new Map(file.tensors);
  const metadata = { ...file.metadata };
  work(tensors, metadata);
  await rm(path);
  await writeSafetensors(path, tensors, { metadata });
}

/** Puts one value that no training leaves into a tensor. */
const spoil = (name: string, value: number) =>
  change((tensors) => {
    const { shape, data } = tensors.get(name)!;
    const spoiled = Float32Array.from(data);
    spoiled[spoiled.length - 1] = value;
    tensors.set(name, { shape, data: spoiled });
  });

const read = (moments: 'left-out' | 'all-or-none' | 'all' = 'all') =>
  readCheckpoint(folder, spec, { moments });

describe('a checkpoint', () => {
  it('comes back as it was written', async () => {
    const checkpoint = await read();
    expect(checkpoint).toMatchObject({ step: 7, epoch: 2, weights, statistics });
    expect(checkpoint.moments).toEqual(momentsOf(weights));
    expect((await read('left-out')).moments).toBeUndefined();
  });

  it.each(['adam_m', 'adam_v'])(
    'that lacks one of Adam’s moments (%s) is refused by name',
    async (moment) => {
      await change((tensors) => tensors.delete(`${someWeight}.${moment}`));
      for (const moments of ['all', 'all-or-none'] as const) {
        await expect(read(moments)).rejects.toMatchObject({
          code: 'bad-input',
          path: join(folder, CHECKPOINT_FILE),
          message: expect.stringContaining(`${someWeight}.${moment}`) as string,
        });
      }
      await expect(read('left-out')).resolves.toMatchObject({ step: 7 });
    },
  );

  it('without any moments is a model to look at, and not one to train further', async () => {
    await writeCheckpoint(folder, { weights, statistics, moments: undefined, step: 7, epoch: 2 });
    expect((await read('all-or-none')).moments).toBeUndefined();
    await expect(read('all')).rejects.toThrow('has no moments of Adam');
  });

  it('whose companion lacks a moment is refused as well', async () => {
    const slot = new Map([[VARIANCE_SLOT.name, filled(VARIANCE_SLOT.shape, 0)]]);
    const companions = new Map([...slot, ...momentsOf(slot)]);
    const whole = { weights, statistics, moments: momentsOf(weights), companions, step: 7, epoch: 2 };
    await writeCheckpoint(folder, whole);
    const parts = { moments: 'all', companions: [VARIANCE_SLOT] } as const;
    expect((await readCheckpoint(folder, spec, parts)).companions).toEqual(companions);
    await change((tensors) => tensors.delete(`${VARIANCE_SLOT.name}.adam_v`));
    await expect(readCheckpoint(folder, spec, parts)).rejects.toThrow(`${VARIANCE_SLOT.name}.adam_v`);
  });

  it.each([
    ['a weight', someWeight],
    ['a statistic', someStatistic],
    ['a first moment', `${someWeight}.adam_m`],
    ['a second moment', `${someWeight}.adam_v`],
  ])('with a value that is not a number in %s is refused', async (_, name) => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      await spoil(name, value);
      await expect(read()).rejects.toThrow(name);
    }
  });

  it('has moments in the shapes of their weights, those that were once written as matrices too', async () => {
    const [name, { shape }] = [...weights].find(([, weight]) => weight.shape.length === 4)!;
    const matrix = [shape[0]! * shape[1]! * shape[2]!, shape[3]!];
    const moments = new Map([...momentsOf(weights), [`${name}.adam_m`, filled(matrix, -0.5)]]);
    await writeCheckpoint(folder, { weights, statistics, moments, step: 1, epoch: 0 });
    const path = join(folder, CHECKPOINT_FILE);
    const written = await readSafetensors(path);
    expect(written.tensors.get(`${name}.adam_m`)!.shape).toEqual(shape);

    const once = new Map<string, AnyTensor>([...written.tensors, [`${name}.adam_m`, filled(matrix, -0.5)]]);
    await writeSafetensors(path, once, { metadata: written.metadata });
    expect((await readCheckpoint(folder, spec)).moments!.get(`${name}.adam_m`)).toEqual(filled(shape, -0.5));
  });

  it('with a square below zero is refused: its root is not a number', async () => {
    await spoil(`${someWeight}.adam_v`, -1e-3);
    await expect(read()).rejects.toThrow(`${someWeight}.adam_v`);
    await spoil(`${someWeight}.adam_v`, 0);
    const variance = [...statistics.keys()].find((name) => name.endsWith('.variance'))!;
    await spoil(variance, -1);
    await expect(read('left-out')).rejects.toThrow(variance);
  });

  it('with a tensor of another shape is refused, moments too, though their numbers are as many', async () => {
    for (const name of [someWeight, `${someWeight}.adam_m`]) {
      await change((tensors) => {
        const { data } = tensors.get(name)!;
        tensors.set(name, { shape: [data.length], data });
      });
      await expect(read()).rejects.toThrow(/instead of/);
      await change((tensors) => {
        const { data } = tensors.get(name)!;
        tensors.set(name, { shape: weights.get(someWeight)!.shape, data });
      });
    }
  });

  it.each([
    ['step', '-1'],
    ['step', '1.5'],
    ['step', 'x'],
    ['step', '99999999999999999999'],
    ['epoch', '100001'],
    ['epoch', ''],
  ])('whose %s is %j is refused', async (name, value) => {
    await change((_, metadata) => (metadata[name] = value));
    await expect(read()).rejects.toThrow(name);
  });

  it('that does not say its step, or is of another format, is refused', async () => {
    await change((_, metadata) => delete metadata['step']);
    await expect(read()).rejects.toThrow('step');
    await expect(readCheckpointStep(folder)).rejects.toThrow('step');
    await change((_, metadata) => Object.assign(metadata, { step: '7', format: 'unravel-checkpoint-2' }));
    await expect(read()).rejects.toThrow('unravel-checkpoint-2');
  });

  it('far larger than the model is refused before it is read', async () => {
    await change((tensors) => tensors.set(someWeight, filled([1_000_000], 0)));
    await expect(read()).rejects.toThrow(/bytes/);
  });

  it('that is a pipe is refused at once', async () => {
    const path = join(folder, CHECKPOINT_FILE);
    await rm(path);
    execFileSync('mkfifo', [path]);
    await expect(read()).rejects.toThrow('is not a regular file');
    await expect(readCheckpointStep(folder)).rejects.toThrow('is not a regular file');
  });
});
