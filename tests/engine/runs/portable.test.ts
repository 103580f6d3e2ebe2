import { ArchitectureNameSchema } from '../../../src/contract/architecture.ts';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../../src/contract/run.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { makeObjective } from '../../../src/engine/losses/objectives.ts';
import { describeSafetensors } from '../../../src/engine/files/safetensors.ts';
import { exportSafetensors } from '../../../src/engine/runs/export-safetensors.ts';
import { exportOnnx } from '../../../src/engine/runs/export-onnx.ts';
import { exportModel, importModel } from '../../../src/engine/runs/portable.ts';
import { CHECKPOINT_FILE, listRuns, removeRun, runFolder } from '../../../src/engine/runs/store.ts';
import { defaultConfig } from '../../../src/engine/training/config.ts';
import { train } from '../../../src/engine/training/train.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';

let workspace: Workspace;
let run: RunInfo;
beforeAll(async () => {
  workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-runs-')));
  const { id } = await createSampleFaces(workspace, { count: 40, seed: 1 });
  const dataset = await openDataset(workspace, id);
  run = await train(workspace, dataset, {
    ...defaultConfig(makeObjective('vae', {})),
    architecture: 'burgess',
    latentDim: 4,
    epochs: 1,
    batchSize: 16,
  });
  await dataset.close();
});
afterAll(() => rm(workspace.root, { recursive: true, force: true }));

async function decoded(id: string): Promise<Float32Array> {
  const model = await openModel(workspace, id);
  const images = model.decode(Float32Array.of(0.5, -1, 2, 0), 1);
  model.dispose();
  return images;
}

describe('an exported model', () => {
  it('comes back as a run that decodes the same', async () => {
    const out = join(workspace.root, 'exported');
    await exportModel(workspace, run.id, out);
    const back = await importModel(workspace, out, { name: 'back' });
    expect(back).toMatchObject({ state: 'imported', name: 'back', config: run.config, heldOut: run.heldOut });
    expect(await decoded(back.id)).toEqual(await decoded(run.id));
  });

  it('in half precision is half as large and decodes nearly the same', async () => {
    const out = join(workspace.root, 'half');
    await exportModel(workspace, run.id, out, { half: true });
    const { size } = await stat(join(out, CHECKPOINT_FILE));
    expect(size).toBeLessThan(1.1e6);
    const back = await importModel(workspace, out, { name: 'half' });
    const [whole, half] = [await decoded(run.id), await decoded(back.id)];
    half.forEach((value, i) => expect(Math.abs(value - whole[i]!)).toBeLessThan(2e-3));
  });

  it('does not replace what is there', async () => {
    await expect(exportModel(workspace, run.id, workspace.root)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('runs', () => {
  it('are gone once removed', async () => {
    const out = join(workspace.root, 'to-remove');
    await exportModel(workspace, run.id, out);
    const copy = await importModel(workspace, out, { name: 'short-lived' });
    await removeRun(workspace, copy.id);
    expect((await listRuns(workspace)).map(({ id }) => id)).not.toContain(copy.id);
    await expect(stat(runFolder(workspace, copy.id))).rejects.toThrow();
  });
});

describe('a model exported as ONNX', () => {
  it('decodes as the run does, and comes with lines that run it', async () => {
    const out = join(workspace.root, 'onnx');
    await exportOnnx(workspace, run.id, out);
    expect(await readdir(out)).toEqual(['README.md', 'decoder.onnx', 'encoder.onnx']);
    const session = await InferenceSession.create(join(out, 'decoder.onnx'));
    const z = new Tensor('float32', Float32Array.of(0.5, -1, 2, 0), [1, 4]);
    const { data, dims } = (await session.run({ z }))['image']!;
    await session.release();
    expect(dims).toEqual([1, 3, 64, 64]);
    const engine = await decoded(run.id);
    for (let i = 0; i < engine.length; i++) {
      const at = (i % 3) * 64 * 64 + Math.floor(i / 3);
      expect(Math.abs(engine[i]! - Number(data[at]!))).toBeLessThan(1e-4);
    }
    const readme = await readFile(join(out, 'README.md'), 'utf8');
    expect(readme).toContain('VAE with 4 dimensions');
    expect(readme).toContain('`mu` and `log_var`');
  });

  it('does not replace what is there', async () => {
    await expect(exportOnnx(workspace, run.id, workspace.root)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a model exported as safetensors', () => {
  it.each(ArchitectureNameSchema.options)(
    'of the %s architecture comes back and decodes the same',
    async (architecture) => {
      const { id } = await createSampleFaces(workspace, { count: 20, seed: 2 });
      const dataset = await openDataset(workspace, id);
      const own = await train(workspace, dataset, {
        ...defaultConfig(makeObjective('vae', {})),
        ...{ architecture, latentDim: 4, epochs: 1, batchSize: 10 },
      });
      const pixels = await dataset.readImages([0, 1, 2]);
      await dataset.close();
      const out = join(workspace.root, `torch-${architecture}`);
      await exportSafetensors(workspace, own.id, out);
      expect(await readdir(out)).toEqual(['README.md', 'mapping.json', 'model.safetensors']);
      const back = await importModel(workspace, out);
      const [before, after] = [await decoded(own.id), await decoded(back.id)];
      before.forEach((value, i) => expect(Math.abs(value - after[i]!)).toBeLessThan(1e-5));
      const [codes, again] = await Promise.all(
        [own.id, back.id].map(async (run) => {
          const model = await openModel(workspace, run);
          const { mu, logVar } = model.encode(pixels, 3);
          model.dispose();
          return [...mu, ...logVar];
        }),
      );
      codes!.forEach((value, i) => expect(Math.abs(value - again![i]!)).toBeLessThan(1e-4));
      const { shapes } = await describeSafetensors(join(out, 'model.safetensors'));
      // PyTorch's layout: [out, in, k, k].
      expect(shapes.get('encoder.0.weight')?.slice(1, 2)).toEqual([3]);
      expect(await readFile(join(out, 'README.md'), 'utf8')).toContain('VAE with 4 dimensions');
    },
  );

  it('does not replace what is there', async () => {
    await expect(exportSafetensors(workspace, run.id, workspace.root)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
