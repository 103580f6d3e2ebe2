import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorkspace } from '../../../src/engine/basics/workspace.ts';
import {
  floatTensor,
  readSafetensors,
  writeSafetensors,
  type HostTensor,
} from '../../../src/engine/files/safetensors.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { exportSafetensors } from '../../../src/engine/runs/export-safetensors.ts';
import { importForeignModel } from '../../../src/engine/runs/import-foreign.ts';
import { importModelFrom } from '../../../src/engine/runs/model-source.ts';
import { FOREIGN_MODELS, makeForeignModel, writeForeignModel } from '../../fixtures/foreign-model.ts';
import type { PyTorchGolden } from '../../fixtures/pytorch-model.ts';
import { torchLegacy, torchZip } from '../../fixtures/torch-file.ts';

const pretrained = join(import.meta.dirname, '../../../../shared/data/pretrained');

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-import-foreign-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function expectGolden(
  run: string,
  { file, path, images, count, pixelStep }: PyTorchGolden,
): Promise<void> {
  const model = await openModel(openWorkspace(join(folder, 'w')), run);
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
}

describe('a model of another project', () => {
  it.each(FOREIGN_MODELS)(
    '%s gives the numbers that PyTorch gave, also once exported as safetensors',
    async (name) => {
      const source = join(folder, name);
      const golden = await writeForeignModel(source, name);
      const workspace = openWorkspace(join(folder, 'w'));
      const run = await importModelFrom(workspace, [source]);
      expect(run).toMatchObject({ state: 'imported', name });
      await expectGolden(run!.id, golden);
      const out = join(folder, `${name} exported`);
      await exportSafetensors(workspace, run!.id, out);
      const back = await importModelFrom(workspace, [out]);
      await expectGolden(back!.id, golden);
    },
  );

  it('is found in each of PyTorch’s formats, under the prefixes of wrappers, with counters', async () => {
    const { weights, golden } = await makeForeignModel('pytorch-vae');
    const wrapped = new Map<string, HostTensor>(
      [...weights].map(([name, tensor]) => [`module.model.${name}`, tensor]),
    );
    wrapped.set('module.model.encoder.0.1.num_batches_tracked', { shape: [], data: Float32Array.of(7) });
    const files = { 'zip.ckpt': torchZip(wrapped), 'legacy.pth': torchLegacy(wrapped) };
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(folder, name);
      await writeFile(path, bytes);
      const run = await importModelFrom(openWorkspace(join(folder, 'w')), [path]);
      expect(run).toMatchObject({ name: name.split('.')[0], network: { range: 'signed' } });
      await expectGolden(run!.id, golden);
    }
  });

  it('is described by a mapping file', async () => {
    const { weights, golden } = await makeForeignModel('konny-h');
    const renamed = new Map<string, HostTensor>([...weights].map(([name, tensor]) => [`x.${name}`, tensor]));
    renamed.set('discriminator.weight', { shape: [2, 2], data: new Float32Array(4) });
    const path = join(folder, 'own.safetensors');
    await writeSafetensors(path, renamed);
    const conv = (i: number) => ({ layer: 'conv', weights: `x.encoder.${i}`, stride: 2, padding: 1 });
    const up = (i: number) => ({ layer: 'conv-transpose', weights: `x.decoder.${i}`, stride: 2, padding: 1 });
    const relu = { layer: 'relu' };
    const mapping = {
      name: 'my own',
      image: { size: 64, channels: 3 },
      encoder: [
        ...[0, 2, 4, 6].flatMap((i) => [conv(i), relu]),
        { layer: 'conv', weights: 'x.encoder.8' },
        relu,
      ],
      posterior: { both: 'x.encoder.11' },
      decoder: [
        { layer: 'dense', weights: 'x.decoder.0' },
        { layer: 'reshape', to: [256, 1, 1] },
        relu,
        { layer: 'conv-transpose', weights: 'x.decoder.3' },
        relu,
        ...[5, 7, 9].flatMap((i) => [up(i), relu]),
        up(11),
        { layer: 'sigmoid' },
      ],
    };
    const mappingPath = join(folder, 'mapping.json');
    const workspace = openWorkspace(join(folder, 'w'));
    await writeFile(mappingPath, JSON.stringify(mapping));
    await expect(importForeignModel(workspace, path, { mapping: mappingPath })).rejects.toThrow(
      /discriminator\.weight, \[2, 2\], has no place in my own/,
    );
    await writeFile(mappingPath, JSON.stringify({ ...mapping, ignore: ['discriminator.'] }));
    await expectGolden((await importForeignModel(workspace, path, { mapping: mappingPath })).id, golden);

    const wrong = { ...mapping, encoder: [{ layer: 'conv', weights: 'x.encoder.2' }] };
    await writeFile(mappingPath, JSON.stringify(wrong));
    await expect(importForeignModel(workspace, path, { mapping: mappingPath })).rejects.toThrow(
      /x\.encoder\.2\.weight is \[32, 32, 4, 4\] and takes 32 channels, but the layer before gives 3/,
    );
    await writeFile(mappingPath, '{"image": {"size": 64}}');
    await expect(importForeignModel(workspace, path, { mapping: mappingPath })).rejects.toThrow(
      /does not describe the layers of a model/,
    );
  });

  it('of an unknown architecture is refused with its first weight', async () => {
    const path = join(folder, 'unknown.safetensors');
    const data = new Float32Array(6);
    await writeSafetensors(path, new Map([['blocks.0.attn.weight', { shape: [2, 3], data }]]));
    await expect(importForeignModel(openWorkspace(join(folder, 'w')), path)).rejects.toMatchObject({
      message: expect.stringContaining('blocks.0.attn.weight, [2, 3]') as unknown,
      hint: expect.stringContaining('mapping file') as unknown,
    });
  });

  it('with a layer more than its architecture is refused with that layer’s weight', async () => {
    const { weights } = await makeForeignModel('konny-h');
    weights.set('classifier.weight', { shape: [2, 4], data: new Float32Array(8) });
    const path = join(folder, 'more.safetensors');
    await writeSafetensors(path, weights);
    await expect(importForeignModel(openWorkspace(join(folder, 'w')), path)).rejects.toThrow(
      /classifier\.weight, \[2, 4\], has no place in BetaVAE_H/,
    );
  });
});

// The models are real ones of the disentangling-vae project, too large to keep in the repository.
describe.skipIf(!existsSync(pretrained))('model.pt as disentangling-vae wrote it', () => {
  it.each(['VAE_celeba', 'btcvae_celeba'])('%s gives the numbers that PyTorch gave', async (name) => {
    const workspace = openWorkspace(join(folder, 'w'));
    const run = await importModelFrom(workspace, [join(pretrained, name, 'model.pt')]);
    expect(run).toMatchObject({ name, config: { architecture: 'burgess', latentDim: 10 } });
    const model = await openModel(workspace, run!.id);
    const path = join(pretrained, name, 'golden.safetensors');
    const golden = await readSafetensors(path);
    const { mu, logVar } = model.encode(golden.tensors.get('images')!.data as Uint8Array, 32);
    expect(largestDifference(mu, floatTensor(golden, 'mu', [32, 10], path).data)).toBeLessThan(1e-4);
    expect(largestDifference(logVar, floatTensor(golden, 'log_var', [32, 10], path).data)).toBeLessThan(1e-4);
    const z = floatTensor(golden, 'z', [16, 10], path).data;
    const decoded = floatTensor(golden, 'decoded', [16, 64, 64, 3], path).data;
    expect(largestDifference(model.decode(z, 16), decoded)).toBeLessThan(1e-4);
    model.dispose();
  });

  it('is opened again after it is exported as safetensors', async () => {
    const workspace = openWorkspace(join(folder, 'w'));
    const run = await importModelFrom(workspace, [join(pretrained, 'btcvae_celeba/model.pt')]);
    const out = join(folder, 'btcvae-exported');
    await exportSafetensors(workspace, run!.id, out);
    const back = await importModelFrom(workspace, [out]);
    const path = join(pretrained, 'btcvae_celeba/golden.safetensors');
    const golden = await readSafetensors(path);
    const model = await openModel(workspace, back!.id);
    const { mu } = model.encode(golden.tensors.get('images')!.data as Uint8Array, 32);
    const z = floatTensor(golden, 'z', [16, 10], path).data;
    const decoded = model.decode(z, 16);
    model.dispose();
    expect(largestDifference(mu, floatTensor(golden, 'mu', [32, 10], path).data)).toBeLessThan(1e-4);
    const expected = floatTensor(golden, 'decoded', [16, 64, 64, 3], path).data;
    expect(largestDifference(decoded, expected)).toBeLessThan(1e-4);
  });

  it('needs no specs.json', async () => {
    const path = join(folder, 'alone.pt');
    await writeFile(path, await readFile(join(pretrained, 'VAE_celeba/model.pt')));
    const run = await importForeignModel(openWorkspace(join(folder, 'w')), path);
    expect(run).toMatchObject({ name: 'alone', imageSize: 64, channels: 3, config: { latentDim: 10 } });
  });
});
