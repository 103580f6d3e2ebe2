import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UnravelError } from '../../../src/contract/errors.ts';
import { openSprites } from '../../../src/engine/data/sprites-dataset.ts';
import { writeSafetensors, type HostTensor } from '../../../src/engine/files/safetensors.ts';
import { importModel } from '../../../src/engine/runs/portable.ts';
import { RUN_FILE } from '../../../src/engine/runs/store.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { train } from '../../../src/engine/training/train.ts';
import type * as Atomic from '../../../src/system/atomic.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { aDataset } from '../../fixtures/infos.ts';
import { STARTER_FOLDERS } from '../../fixtures/starters.ts';

// A disk that is full just when `run.json` is written, the folder around it made already.
const disk = vi.hoisted(() => ({ isFull: false }));
vi.mock('../../../src/system/atomic.ts', async (importOriginal) => {
  const original = await importOriginal<typeof Atomic>();
  const failing =
    (write: typeof original.writeFileAtomic): typeof write =>
    async (path, ...chunks) => {
      if (!disk.isFull || basename(path) !== RUN_FILE) return write(path, ...chunks);
      await mkdir(dirname(path), { recursive: true });
      throw new UnravelError('disk-full', 'The disk is full.');
    };
  return {
    ...original,
    writeFileAtomic: failing(original.writeFileAtomic),
    writePrivateFile: failing(original.writePrivateFile),
  };
});

const starter = STARTER_FOLDERS.at(-1)!;

/** A model in PyTorch's names and layouts, as disentangling-vae writes it: every weight the same. */
async function writePyTorchModel(folder: string, value = 0.01, specs: object = {}): Promise<string> {
  const tensor = (...shape: number[]): HostTensor => ({
    shape,
    data: new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value),
  });
  const tensors = new Map<string, HostTensor>();
  const add = (name: string, weight: number[], bias: number): void => {
    tensors.set(`${name}.weight`, tensor(...weight)).set(`${name}.bias`, tensor(bias));
  };
  add('encoder.conv1', [32, 1, 4, 4], 32);
  for (const name of ['conv2', 'conv3']) add(`encoder.${name}`, [32, 32, 4, 4], 32);
  add('encoder.lin1', [256, 512], 256);
  add('encoder.lin2', [256, 256], 256);
  add('encoder.mu_logvar_gen', [4, 256], 4);
  add('decoder.lin1', [256, 2], 256);
  add('decoder.lin2', [256, 256], 256);
  add('decoder.lin3', [512, 256], 512);
  for (const name of ['convT1', 'convT2']) add(`decoder.${name}`, [32, 32, 4, 4], 32);
  add('decoder.convT3', [32, 1, 4, 4], 1);
  await mkdir(folder);
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  const all = { img_size: [1, 32, 32], latent_dim: 2, model_type: 'Burgess', epochs: 3, ...specs };
  await writeFile(join(folder, 'specs.json'), JSON.stringify(all));
  return folder;
}

const dataset = openSprites(
  aDataset({ id: 'sprites', kind: 'sprites', images: 12, channels: 1, columns: [] }),
);
const config = { ...defaultConfig({ model: 'vae' }), latentDim: 2, epochs: 1, batchSize: 4 };

let root: string;
let workspace: Workspace;
let pytorch: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unravel-whole-'));
  workspace = openWorkspace(join(root, 'workspace'));
  pytorch = await writePyTorchModel(join(root, 'pytorch'));
});
afterEach(async () => {
  disk.isFull = false;
  await rm(root, { recursive: true, force: true });
});

const makers = [
  { what: 'a model that was exported', make: () => importModel(workspace, starter) },
  { what: 'a model of PyTorch', make: () => importModel(workspace, pytorch) },
  { what: 'a training', make: () => train(workspace, dataset, config) },
];

describe.each(makers)('the run of $what', ({ make }) => {
  it('is not there at all where its run.json could not be written', async () => {
    disk.isFull = true;
    await expect(make()).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readdir(workspace.runs)).toEqual([]);
  });
});

describe('a model of PyTorch', () => {
  it('is imported with everything in place', async () => {
    const { id } = await importModel(workspace, pytorch);
    expect((await readdir(join(workspace.runs, id))).sort()).toEqual(['checkpoint.safetensors', 'run.json']);
  });

  it.each([Number.NaN, Infinity])('with weights of %s is refused', async (value) => {
    const folder = await writePyTorchModel(join(root, 'bad'), value);
    await expect(importModel(workspace, folder)).rejects.toThrow(
      /encoder\.conv1\.weight holds values that are not/,
    );
    expect(await readdir(workspace.runs).catch(() => [])).toEqual([]);
  });

  it.each([{ epochs: 1e9 }, { epochs: -1 }, { lr: 5 }, { batch_size: 1e6 }, { loss: 'betaH', betaH_B: -2 }])(
    'whose specs say %j, which no run could, is refused',
    async (specs) => {
      const folder = await writePyTorchModel(join(root, 'bad'), 0.01, specs);
      await expect(importModel(workspace, folder)).rejects.toMatchObject({
        code: 'bad-input',
        path: join(folder, 'specs.json'),
      });
    },
  );
});
