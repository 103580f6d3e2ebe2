import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeZip } from '../../../src/engine/files/zip-writer.ts';
import { importModelFrom, importNamedModel } from '../../../src/engine/runs/model-source.ts';
import { listRuns } from '../../../src/engine/runs/store.ts';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';
import { writePyTorchModel } from '../../fixtures/pytorch-model.ts';

let root: string;
let workspace: Workspace;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unravel-model-source-'));
  workspace = openWorkspace(join(root, 'workspace'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function model(name: string): Promise<string> {
  const folder = join(root, name);
  await writePyTorchModel(folder, 'burgess-32-1');
  return folder;
}

describe('a model that is named', () => {
  it.each([['typo.pt'], ['typo.safetensors'], ['specs.jsn'], ['nowhere/typo.pt'], ['nowhere']])(
    'is not another one beside it where %s is missing',
    async (name) => {
      const path = join(await model('VAE_celeba'), name);
      await expect(importNamedModel(workspace, path)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining(path) as string,
      });
      expect(await listRuns(workspace)).toEqual([]);
    },
  );
});

describe('a model that was dropped', () => {
  it('is found in its folder, which names it', async () => {
    const found = await importModelFrom(workspace, [await model('VAE_celeba')]);
    expect(found).toMatchObject({ name: 'VAE_celeba', state: 'imported', imageSize: 32 });
    expect((await listRuns(workspace)).map(({ id }) => id)).toEqual([found!.id]);
  });

  it('is found by its own files', async () => {
    const folder = await model('VAE_celeba');
    const paths = ['specs.json', 'model.safetensors'].map((name) => join(folder, name));
    expect(await importModelFrom(workspace, paths)).toMatchObject({ name: 'VAE_celeba' });
  });

  it.each([[''], ['VAE_celeba/']])('is found in a zip, below “%s”', async (prefix) => {
    const folder = await model('in');
    const members = ['specs.json', 'model.safetensors'].map(async (name) => ({
      name: `${prefix}${name}`,
      bytes: await readFile(join(folder, name)),
    }));
    const path = join(root, 'shared.zip');
    await writeFile(path, await makeZip(await Promise.all(members)));
    expect(await importModelFrom(workspace, [path])).toMatchObject({ name: 'shared', state: 'imported' });
  });

  it('is not found among images, in an archive of images, or where nothing is', async () => {
    const folder = join(root, 'images');
    await mkdir(folder);
    await writeFile(join(folder, 'a.jpg'), 'no image');
    await writeFile(join(folder, 'run.json'), '{}');
    expect(await importModelFrom(workspace, [folder])).toBeUndefined();
    expect(await importModelFrom(workspace, [join(folder, 'a.jpg'), folder])).toBeUndefined();
    const zip = join(root, 'images.zip');
    await writeFile(zip, await makeZip([{ name: 'a.jpg', bytes: new Uint8Array(3) }]));
    expect(await importModelFrom(workspace, [zip])).toBeUndefined();
    expect(await importModelFrom(workspace, [join(root, 'gone')])).toBeUndefined();
  });

  it("is refused in PyTorch's own format where it is none, with what to do", async () => {
    const folder = await model('VAE_celeba');
    await rm(join(folder, 'model.safetensors'));
    await writeFile(join(folder, 'model.pt'), 'a pickle');
    await expect(importModelFrom(workspace, [folder])).rejects.toMatchObject({
      code: 'bad-input',
      hint: expect.stringContaining('torch.save') as unknown,
    });
    expect(await listRuns(workspace)).toEqual([]);
  });

  it('is refused where it is damaged, and leaves no run', async () => {
    const folder = await model('VAE_celeba');
    await writeFile(join(folder, 'model.safetensors'), 'half');
    await expect(importModelFrom(workspace, [folder])).rejects.toMatchObject({ code: 'bad-input' });
    expect(await listRuns(workspace)).toEqual([]);
  });
});
