import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunInfo } from '../../../src/contract/run.ts';
import type { SavedItem } from '../../../src/contract/saved-file.ts';
import { readCodes } from '../../../src/engine/codes/code-files.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { importDataset } from '../../../src/engine/importing/import.ts';
import { listZip } from '../../../src/engine/files/zip.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { saveJob } from '../../../src/engine/jobs/save-job.ts';
import { importModelFrom } from '../../../src/engine/runs/model-source.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { deepCell } from '../../fixtures/deep-cells.ts';
import { FACES, LATENT, makeTrainedWorkspace } from '../serving/small-workspace.ts';

let workspace: Workspace;
let dataset: string;
let run: RunInfo;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ workspace, dataset, run, remove } = await makeTrainedWorkspace());
});
afterAll(() => remove());

async function save(saved: SavedItem, name: string, signal = new AbortController().signal): Promise<string> {
  const path = join(workspace.root, name);
  await saveJob({ workspace, signal, report: () => undefined }, { kind: 'save', saved, path });
  return path;
}

describe('a saved data set', () => {
  it('is imported again with the same images, names and labels', async () => {
    const path = await save({ item: 'dataset', dataset }, 'saved.zip');
    const { entries } = await listZip(path);
    expect(entries.map(({ name }) => name)).toContain('labels.csv');
    expect(entries).toHaveLength(FACES + 1);
    const again = await importDataset(workspace, path, { crop: 'none', name: 'again' });
    expect(again).toMatchObject({ images: FACES, channels: 3, skipped: [] });
    const [before, after] = [await openDataset(workspace, dataset), await openDataset(workspace, again.id)];
    const all = Array.from({ length: FACES }, (_, i) => i);
    expect(await after.readImages(all)).toEqual(await before.readImages(all));
    expect(await after.names()).toEqual((await before.names()).map((name) => `${name}.png`));
    const named = (name: string) => after.info.columns.find((column) => column.name === name)!;
    expect(after.info.columns.map(({ name }) => name)).toEqual(before.info.columns.map(({ name }) => name));
    const smile = before.info.columns.find(({ name }) => name === 'smile')!;
    expect(await after.column(named('smile'))).toEqual(await before.column(smile));
    await before.close();
    await after.close();
  });

  it('keeps words, units and dates', async () => {
    const folder = join(workspace.root, 'plate');
    await mkdir(folder);
    const rows = ['name,treatment,dose,imaged'];
    for (let i = 0; i < 40; i++) {
      await writeFile(join(folder, `${i}.png`), deepCell({ radius: 0.3, brightness: 0.8 }, i, 16));
      const at = `2026-03-${String(1 + (i % 28)).padStart(2, '0')} 14:0${i % 7}`;
      rows.push(`${i}.png,${i % 2 ? 'drug A' : 'control'},${(i * 0.37).toFixed(3)} µM,${at}`);
    }
    await writeFile(join(folder, 'plate.csv'), rows.join('\n'));
    const options = { crop: 'none' } as const;
    const before = await importDataset(workspace, folder, { ...options, name: 'plate' });
    const saved = await save({ item: 'dataset', dataset: before.id }, 'plate.zip');
    const after = await importDataset(workspace, saved, { ...options, name: 'plate again' });
    expect(before.columns.map(({ unit, date, categories }) => unit ?? date ?? categories)).toEqual([
      ['control', 'drug A'],
      'µM',
      { from: '2026-03-01', step: 'second' },
    ]);
    expect(after.columns).toEqual(before.columns);
    for (const column of before.columns) {
      const [one, other] = [await openDataset(workspace, before.id), await openDataset(workspace, after.id)];
      expect(await other.column(column)).toEqual(await one.column(column));
      await one.close();
      await other.close();
    }
  });

  it('is left unfinished nowhere when it is cancelled', async () => {
    const before = await readdir(workspace.root);
    await expect(
      save({ item: 'dataset', dataset }, 'half.zip', AbortSignal.abort(new Error('Stop.'))),
    ).rejects.toThrow('Stop.');
    expect(await readdir(workspace.root)).toEqual(before);
  });
});

describe('saved codes', () => {
  it('are the posterior means in every format', async () => {
    const item = { item: 'codes', run: run.id, dataset } as const;
    const csv = await readCodes(await save({ ...item, format: 'csv' }, 'codes.csv'));
    const tensors = await readCodes(await save({ ...item, format: 'safetensors' }, 'codes.safetensors'));
    expect(csv.z.shape).toEqual([FACES, LATENT]);
    expect(csv.z.data).toEqual(tensors.z.data);
    const model = await openModel(workspace, run.id);
    const images = await openDataset(workspace, dataset);
    const { mu } = model.encode(await images.readImages([3]), 1);
    await images.close();
    model.dispose();
    mu.forEach((value, l) => expect(csv.z.data[3 * LATENT + l]).toBeCloseTo(value, 4));
    expect(csv.names![3]).toBe('face-00003');
    const [head] = (await readFile(join(workspace.root, 'codes.csv'), 'utf8')).split('\n');
    expect(head).toMatch(/^name,mu_0,.*,log_var_\d+,.*smile/);
    const { entries } = await listZip(await save({ ...item, format: 'npy' }, 'codes.zip'));
    expect(entries.map(({ name }) => name)).toEqual(['codes.log_var.npy', 'codes.names.txt', 'codes.npy']);
  });
});

describe('a saved web page', () => {
  it('holds the images only where they are asked for, and nothing is left of a cancelled one', async () => {
    const item = { item: 'page', run: run.id, dataset } as const;
    const full = await readFile(await save({ ...item, images: true }, 'full.html'), 'utf8');
    const bare = await readFile(await save({ ...item, images: false }, 'bare.html'), 'utf8');
    expect(full).toContain('id="page-thumbnails"');
    expect(full).toContain('face-00003');
    expect(bare).not.toContain('id="page-thumbnails"');
    expect(bare).not.toContain('face-00003');
    expect(bare).toContain("default-src 'none'");
    const before = await readdir(workspace.root);
    const aborted = AbortSignal.abort(new Error('Stop.'));
    await expect(save({ ...item, images: true }, 'half.html', aborted)).rejects.toThrow('Stop.');
    expect(await readdir(workspace.root)).toEqual(before);
  });
});

describe('a saved model', () => {
  it('is opened again as a run that decodes the same', async () => {
    const path = await save({ item: 'model', run: run.id, format: 'unravel' }, 'model.zip');
    const back = await importModelFrom(workspace, [path]);
    expect(back).toMatchObject({ name: run.name, state: 'imported', config: run.config });
    expect(back!.importedFrom).toContain('folder model');
    const decoded = async (id: string): Promise<Float32Array> => {
      const model = await openModel(workspace, id);
      const image = model.decode(new Float32Array(LATENT), 1);
      model.dispose();
      return image;
    };
    expect(await decoded(back!.id)).toEqual(await decoded(run.id));
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');
  });

  it.each([
    ['onnx', ['README.md', 'decoder.onnx', 'encoder.onnx']],
    ['safetensors', ['README.md', 'mapping.json', 'model.safetensors']],
  ] as const)('is one for other programs: %s', async (format, names) => {
    const { entries } = await listZip(await save({ item: 'model', run: run.id, format }, `${format}.zip`));
    expect(entries.map(({ name }) => name)).toEqual(names);
  });
});
