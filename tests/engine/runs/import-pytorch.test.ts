import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type AnyTensor,
} from '../../../src/engine/files/safetensors.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { exportSafetensors } from '../../../src/engine/runs/export-safetensors.ts';
import { importModel } from '../../../src/engine/runs/portable.ts';
import { openWorkspace } from '../../../src/engine/basics/workspace.ts';
import { PYTORCH_MODELS, writePyTorchModel } from '../../fixtures/pytorch-model.ts';

const pretrained = join(import.meta.dirname, '../../../../shared/data/pretrained');

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-import-model-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a model of the layout that PyTorch stores', () => {
  it.each(PYTORCH_MODELS)('%s gives the numbers that PyTorch gave', async (name) => {
    const source = join(folder, `${name}-pytorch`);
    const { path, file, images, count, pixelStep } = await writePyTorchModel(source, name);
    const workspace = openWorkspace(join(folder, name));
    const model = await openModel(workspace, (await importModel(workspace, source)).id);
    const golden = (tensor: string, width: number): Float32Array =>
      floatTensor(file, tensor, [count, width], path).data;

    const { mu, logVar } = model.encode(images, count);
    expect(largestDifference(mu, golden('mu', 4))).toBeLessThan(1e-4);
    expect(largestDifference(logVar, golden('log_var', 4))).toBeLessThan(1e-4);

    const decoded = model.decode(golden('z', 4), count);
    const pixels = decoded.length / count;
    const chosen = decoded.filter((_, i) => (i % pixels) % pixelStep === 0);
    expect(largestDifference(chosen, golden('decoded', chosen.length / count))).toBeLessThan(1e-4);
    model.dispose();

    // Weights that are exported again are those that were imported, under Unravel's own names.
    const out = join(folder, `${name}-exported`);
    await exportSafetensors(workspace, model.info.id, out);
    const back = await openModel(workspace, (await importModel(workspace, out)).id);
    expect(largestDifference(back.encode(images, count).mu, mu)).toBeLessThan(1e-5);
    expect(largestDifference(back.decode(golden('z', 4), count), decoded)).toBeLessThan(1e-5);
    back.dispose();
  });

  it('of another layout is refused with the tensor that does not fit', async () => {
    const copy = join(folder, 'damaged');
    await writePyTorchModel(copy, 'burgess-64-3');
    const file = await readSafetensors(join(copy, 'model.safetensors'));
    const tensors = new Map<string, AnyTensor>(file.tensors);
    tensors.set('encoder.conv2.weight', { shape: [32, 32, 3, 3], data: new Float32Array(32 * 32 * 9) });
    await writeSafetensors(join(copy, 'model.safetensors'), tensors);
    await expect(importModel(openWorkspace(join(folder, 'w')), copy)).rejects.toThrow(
      /encoder\.conv2\.weight/,
    );
  });
});

// The models are real ones of the disentangling-vae project, too large to keep in the repository.
describe.skipIf(!existsSync(pretrained))('a model trained with PyTorch', () => {
  it.each(['VAE_celeba', 'btcvae_celeba'])('%s gives the numbers that PyTorch gave', async (name) => {
    const workspace = openWorkspace(join(folder, name));
    const run = await importModel(workspace, join(pretrained, name));
    expect(run.state).toBe('imported');
    const model = await openModel(workspace, run.id);
    const path = join(pretrained, name, 'golden.safetensors');
    const golden = await readSafetensors(path);
    const images = golden.tensors.get('images')!.data as Uint8Array;

    const { mu, logVar } = model.encode(images, 32);
    expect(largestDifference(mu, floatTensor(golden, 'mu', [32, 10], path).data)).toBeLessThan(1e-4);
    expect(largestDifference(logVar, floatTensor(golden, 'log_var', [32, 10], path).data)).toBeLessThan(1e-4);

    const reconstruction = floatTensor(golden, 'reconstruction', [32, 64, 64, 3], path).data;
    expect(largestDifference(model.decode(mu, 32), reconstruction)).toBeLessThan(1e-4);
    const z = floatTensor(golden, 'z', [16, 10], path).data;
    const decoded = floatTensor(golden, 'decoded', [16, 64, 64, 3], path).data;
    expect(largestDifference(model.decode(z, 16), decoded)).toBeLessThan(1e-4);
    model.dispose();
  });
});

it('refuses a folder whose specs describe another kind of model', async () => {
  const other = await mkdtemp(join(folder, 'other-'));
  await writePyTorchModel(other, 'burgess-64-3');
  await writeFile(join(other, 'specs.json'), '{"img_size":[3,64,64],"latent_dim":10,"model_type":"ResNet"}');
  await expect(importModel(openWorkspace(folder), other)).rejects.toThrow(
    /specs\.json.*does not describe a supported model/,
  );
});

it('says which file is missing', async () => {
  await expect(importModel(openWorkspace(folder), join(folder, 'nowhere'))).rejects.toThrow(
    /nowhere: there is no such folder/,
  );
  const empty = await mkdtemp(join(folder, 'empty-'));
  await expect(importModel(openWorkspace(folder), empty)).rejects.toThrow(/model\.safetensors or model\.pt/);
});
