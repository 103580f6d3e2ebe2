import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import h5wasm from 'h5wasm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codesFile, readStoredCodes } from '../../src/engine/codes/codes-file.ts';
import { openDataset } from '../../src/engine/data/store.ts';
import { writeSafetensors } from '../../src/engine/files/safetensors.ts';
import { openRun } from '../../src/engine/runs/store.ts';
import { makeScratch, type Scratch } from '../engine/data/workspace.ts';
import { npyOf, npyTexts, npzFile } from '../fixtures/npy.ts';
import { drawnPhoto } from '../fixtures/photos.ts';
import { lastLine, runHere, type Outcome } from './run-cli.ts';

const COUNT = 24;
const DIMENSIONS = 3;

/** The code of an image, which no other image has. */
function codeOf(image: number): number[] {
  return [Math.sin(image), Math.cos(2 * image), image / 10].map(Math.fround);
}

const NAMES = Array.from({ length: COUNT }, (_, i) => `photo-${String(i).padStart(2, '0')}.png`);
const ORDER = NAMES.map((_, i) => (i * 7) % COUNT);

let scratch: Scratch;
let photos: string;
beforeEach(async () => {
  scratch = await makeScratch();
  photos = join(scratch.folder, 'photos');
  await mkdir(photos, { recursive: true });
  await Promise.all(NAMES.map((name, i) => writeFile(join(photos, name), drawnPhoto(i, 'png'))));
});
afterEach(() => scratch.remove());

const cli = (...argv: string[]): Promise<Outcome> =>
  runHere(...argv, '--workspace', scratch.workspace.root, '--json');

const put = async (name: string, data: string | Uint8Array): Promise<string> => {
  const path = join(scratch.folder, name);
  await writeFile(path, data);
  return path;
};

/** A table in another order than the images, with a label. */
function csv(names: (image: number) => string, title = 'mu_'): string {
  const header = ['file', ...Array.from({ length: DIMENSIONS }, (_, j) => `${title}${j}`), 'shape'].join(',');
  const rows = ORDER.map((i) => [names(i), ...codeOf(i), i % 2 ? 'round' : 'flat'].join(','));
  return `${[header, ...rows].join('\n')}\n`;
}

/** All codes in the order of the images, `[COUNT, DIMENSIONS]`. */
const inOrder = Float32Array.from(NAMES.flatMap((_, i) => codeOf(i)));

async function importedFrom(outcome: Outcome) {
  expect(outcome.code, outcome.stderr).toBe(0);
  const {
    run,
    dataset: id,
    notes,
  } = lastLine(outcome) as {
    run: string;
    dataset: string;
    notes: string[];
  };
  const { info, folder } = await openRun(scratch.workspace, run);
  const dataset = await openDataset(scratch.workspace, id);
  const names = await dataset.names();
  const columns: Record<string, number[]> = {};
  for (const column of dataset.info.columns) columns[column.name] = [...(await dataset.column(column))];
  const [pixel] = await dataset.readImages([0]);
  await dataset.close();
  const codes = await readStoredCodes(codesFile(folder, id), names.length, { logVar: true });
  return { run, info, dataset: dataset.info, names, columns, codes, notes, pixel };
}

describe('unravel import-codes', () => {
  it('joins a table to the images of a folder by their names, with its labels', async () => {
    const path = await put(
      'codes.csv',
      csv((i) => `/data/photos/${NAMES[i]!}`),
    );
    const { info, dataset, names, columns, codes } = await importedFrom(
      await cli('import-codes', path, '--images', photos),
    );
    expect(info).toMatchObject({ hasCodesOnly: true, state: 'imported', name: 'codes' });
    expect(info.dataset?.id).toBe(dataset.id);
    expect(names).toEqual(NAMES);
    expect(codes.mu).toEqual(inOrder);
    expect(columns['shape']).toEqual(NAMES.map((_, i) => i % 2));
    expect(dataset.columns.map(({ name }) => name)).toEqual(['shape']);
  });

  it('does not make labels of codes whose file lies among the images', async () => {
    await writeFile(
      join(photos, 'codes.csv'),
      csv((i) => NAMES[i]!),
    );
    const { dataset, codes } = await importedFrom(
      await cli('import-codes', join(photos, 'codes.csv'), '--images', photos),
    );
    expect(dataset.columns.map(({ name }) => name)).toEqual(['shape']);
    expect(codes.mu).toEqual(inOrder);
    expect(lastLine(await cli('data', 'list'))).toMatchObject({ datasets: 1 });
  });

  it('keeps a data set that has all images, and makes one of those with a code', async () => {
    expect((await cli('import', photos, '--name', 'photos')).code).toBe(0);
    const whole = await importedFrom(
      await cli(
        'import-codes',
        await put(
          'all.csv',
          csv((i) => NAMES[i]!),
        ),
        '--images',
        'photos',
      ),
    );
    expect(whole.dataset.name).toBe('photos');
    expect(whole.notes.join(' ')).toContain('not used: shape');
    const few = csv((i) => NAMES[i]!)
      .split('\n')
      .slice(0, 11)
      .concat('missing.png,1,2,3,flat')
      .join('\n');
    const some = await importedFrom(
      await cli('import-codes', await put('some.csv', few), '--images', 'photos'),
    );
    const kept = ORDER.slice(0, 10).sort((a, b) => a - b);
    expect(some.names).toEqual(kept.map((i) => NAMES[i]));
    expect(some.codes.mu).toEqual(Float32Array.from(kept.flatMap(codeOf)));
    expect(some.notes.join(' ')).toContain('1 code has no image and was left out: missing.png');
  });

  it('joins by order where nothing names the images and there are as many, and otherwise names both counts', async () => {
    const path = await put('z.npy', npyOf([COUNT, DIMENSIONS], inOrder));
    const { codes, notes } = await importedFrom(await cli('import-codes', path, '--images', photos));
    expect(codes.mu).toEqual(inOrder);
    expect(notes.join(' ')).toContain('in their order');
    const short = await put('short.npy', npyOf([5, DIMENSIONS], inOrder.slice(0, 15)));
    const refused = await cli('import-codes', short, '--images', photos);
    expect(refused.code).toBe(1);
    expect(lastLine(refused)['message']).toMatch(/5 codes and there are 24 images/);
    expect(lastLine(await cli('data', 'list'))).toMatchObject({ datasets: 1 });
  });

  it('refuses names of other images instead of joining by order', async () => {
    const path = await put(
      'others.csv',
      csv((i) => `other${i}.png`),
    );
    const refused = await cli('import-codes', path, '--images', photos);
    expect(refused.code).toBe(1);
    expect(lastLine(refused)['message']).toMatch(/other0\.png.*photo-00\.png/);
  });

  it('makes points with their labels where there are no images', async () => {
    const path = await put(
      'codes.csv',
      csv((i) => `cell ${i}`, 'latent_'),
    );
    const found = await importedFrom(await cli('import-codes', path));
    expect(found.dataset).toMatchObject({ kind: 'points', images: COUNT });
    expect(found.names).toEqual(ORDER.map((i) => `cell ${i}`));
    expect(found.codes.mu).toEqual(Float32Array.from(ORDER.flatMap(codeOf)));
    expect(found.columns['shape']).toEqual(ORDER.map((i) => i % 2));
    expect(found.pixel).toBeGreaterThan(0);
    const refused = await cli('train', found.dataset.id, '--model', 'vae', '--epochs', '1');
    expect(lastLine(refused)['message']).toMatch(/points without images/);
  });

  it('reads NPZ with names, log variances and labels, and asks which array is meant', async () => {
    const arrays = {
      z_mean: npyOf([COUNT, DIMENSIONS], Float64Array.from(inOrder)),
      z_log_var: npyOf([COUNT, DIMENSIONS], new Float32Array(COUNT * DIMENSIONS).fill(-2)),
      filenames: npyTexts(NAMES),
      age: npyOf(
        [COUNT],
        Float32Array.from(NAMES, (_, i) => i + 0.5),
      ),
    };
    const path = await put('codes.npz', npzFile(arrays));
    const { codes, columns, info } = await importedFrom(await cli('import-codes', path, '--images', photos));
    expect(codes.mu).toEqual(inOrder);
    expect(codes.logVar).toEqual(new Float32Array(COUNT * DIMENSIONS).fill(-2));
    expect(columns['age']).toEqual(NAMES.map((_, i) => i + 0.5));
    expect(info.config.objective.model).toBe('vae');
    const [a, b] = [npyOf([COUNT, 2], new Float32Array(2 * COUNT)), npyOf([COUNT, DIMENSIONS], inOrder)];
    const two = await put('two.npz', npzFile({ first: a, second: b }));
    const asked = await cli('import-codes', two);
    expect(lastLine(asked)['message']).toMatch(/first, second/);
    const chosen = await importedFrom(await cli('import-codes', two, '--key', 'second'));
    expect(chosen.codes.mu).toEqual(inOrder);
  });

  it('reads safetensors and the names in its metadata', async () => {
    const path = join(scratch.folder, 'codes.safetensors');
    const data = Float32Array.from(ORDER.flatMap(codeOf));
    await writeSafetensors(path, new Map([['mu', { shape: [COUNT, DIMENSIONS], data }]]), {
      metadata: { names: JSON.stringify(ORDER.map((i) => NAMES[i])) },
    });
    const { codes } = await importedFrom(await cli('import-codes', path, '--images', photos));
    expect(codes.mu).toEqual(inOrder);
  });

  it('reads AnnData: obsm, names, labels and categories', async () => {
    const { FS } = (await h5wasm.ready) as unknown as {
      FS: { readFile(path: string): Uint8Array; unlink(path: string): void };
    };
    const file = new h5wasm.File('/cells.h5ad', 'w');
    const obsm = file.create_group('obsm');
    obsm.create_dataset({ name: 'X_umap', data: new Float32Array(2 * COUNT), shape: [COUNT, 2] });
    obsm.create_dataset({ name: 'X_scVI', data: inOrder, shape: [COUNT, DIMENSIONS] });
    const obs = file.create_group('obs');
    obs.create_dataset({ name: '_index', data: NAMES.map((_, i) => `cell${i}`) });
    const kind = obs.create_group('kind');
    kind.create_dataset({ name: 'codes', data: Int8Array.from(NAMES, (_, i) => (i === 0 ? -1 : i % 3)) });
    kind.create_dataset({ name: 'categories', data: ['B', 'NK', 'T'] });
    file.close();
    const path = await put('cells.h5ad', FS.readFile('/cells.h5ad'));
    FS.unlink('/cells.h5ad');
    const { codes, names, columns, dataset, notes } = await importedFrom(await cli('import-codes', path));
    expect(codes.mu).toEqual(inOrder);
    expect(names[5]).toBe('cell5');
    expect(dataset.columns).toMatchObject([
      { name: 'kind', type: 'categorical', categories: ['B', 'NK', 'T'] },
    ]);
    expect(columns['kind']).toEqual(NAMES.map((_, i) => (i === 0 ? Number.NaN : i % 3)));
    expect(notes.join(' ')).toContain('obsm/X_umap');
  });

  it('measures the codes, and says of what decodes that there is no decoder', async () => {
    const path = await put(
      'codes.csv',
      csv((i) => NAMES[i]!),
    );
    const { run } = await importedFrom(await cli('import-codes', path, '--images', photos));
    const measured = await cli('evaluate', run, '--metrics', 'mig', '--only-values');
    expect(measured.code, measured.stderr + measured.stdout).toBe(0);
    expect(lastLine(measured)).toMatchObject({ latentDim: DIMENSIONS, images: COUNT, decomposition: null });
    const commands = [
      ['traverse', run, '--prior', '--out', join(scratch.folder, 'a.gif')],
      ['sample', run, '--out', join(scratch.folder, 'a.png')],
      ['export-model', run, '--out', join(scratch.folder, 'a')],
      ['export-model', run, '--format', 'onnx', '--out', join(scratch.folder, 'a')],
      ['evaluate', run, '--metrics', 'elbo'],
      ['resume', run],
    ];
    for (const command of commands) {
      const refused = await cli(...command);
      expect(refused.code, command.join(' ')).toBe(1);
      expect(lastLine(refused)['code'], command.join(' ')).not.toBe('internal');
    }
    const refused = await cli('sample', run, '--out', join(scratch.folder, 'a.png'));
    expect(lastLine(refused)['message']).toBe('This run has codes only: it has no encoder and no decoder.');
  });

  it.each([
    ['a value that is no number', 'mu_0,mu_1\n1,2\n3,\n', /row 2, dimension 1, is not a finite number/],
    ['no codes', 'name,age\na,12\nb,13\n', /none of its columns are the numbered dimensions/],
    ['several groups', 'a_0,a_1,b_0,b_1\n1,2,3,4\n', /group of columns of these may be the codes: a, b/],
  ])('refuses %s', async (_, text, message) => {
    const refused = await cli('import-codes', await put('bad.csv', text));
    expect(refused.code).toBe(1);
    expect(lastLine(refused)['message']).toMatch(message);
  });

  it.each([
    ['a table without a header', '1.5,2.5\n3.5,4.5\n-1,2\n', [1.5, 2.5, 3.5, 4.5, -1, 2]],
    ['the header of pandas', ',0,1\n0,1.5,2.5\n1,3.5,4.5\n', [1.5, 2.5, 3.5, 4.5]],
    ['semicolons and decimal commas', 'z_0;z_1\n1,5;2,5\n3,5;4,5\n', [1.5, 2.5, 3.5, 4.5]],
  ])('reads %s', async (_, text, codes) => {
    const found = await importedFrom(await cli('import-codes', await put('codes.csv', text)));
    expect([...found.codes.mu]).toEqual(codes);
  });
});
