import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataset } from '../../src/engine/data/store.ts';
import { makeScratch, type Scratch } from '../engine/data/workspace.ts';
import { handmadePng } from '../engine/image-files/pictures.ts';
import { PARQUET_COMPRESSIONS, parquetTable } from '../fixtures/parquet.ts';
import { lastLine, runHere, type Outcome } from './run-cli.ts';

let scratch: Scratch;
beforeEach(async () => {
  scratch = await makeScratch();
  await mkdir(scratch.folder);
});
afterEach(() => scratch.remove());

const at = (...parts: string[]): string => join(scratch.folder, ...parts);
const cli = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', scratch.workspace.root);

async function put(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(at(name)), { recursive: true });
    await writeFile(at(name), bytes);
  }
}

const putPictures = (...names: string[]): Promise<void> =>
  put(Object.fromEntries(names.map((name, i) => [name, handmadePng(64, 64, 8, [i + 1, 0, 0])])));

/** Imports `photos`, and reads the labels of each image: words, numbers, and null where one is unknown. */
async function imported(...argv: string[]) {
  const outcome = await cli('import', at('photos'), '--json', ...argv);
  expect(outcome.code, outcome.stdout + outcome.stderr).toBe(0);
  const done = lastLine(outcome);
  const dataset = await openDataset(scratch.workspace, done['dataset'] as string);
  const labels: Record<string, (string | number | null)[]> = {};
  for (const column of dataset.info.columns) {
    const words = 'categories' in column ? column.categories : undefined;
    labels[column.name] = [...(await dataset.column(column))].map((value) =>
      Number.isNaN(value) ? null : words ? words[value]! : value,
    );
  }
  await dataset.close();
  return { done, labels, info: dataset.info };
}

describe('unravel import --labels', () => {
  it('may be given several times', async () => {
    await putPictures('photos/a.png', 'photos/b.png');
    await put({ 'ages.csv': 'file,age\na.png,20.5\nb.png,30.5\n', 'kinds.tsv': 'b\tdog\na\tcat\n' });
    const { labels } = await imported('--labels', at('ages.csv'), '--labels', at('kinds.tsv'));
    expect(labels['age']).toEqual([20.5, 30.5]);
    expect(Object.values(labels)).toContainEqual(['cat', 'dog']);
  });

  it('and --no-labels contradict each other, in either order', async () => {
    await putPictures('photos/a.png');
    await put({ 'ages.csv': 'file,age\na.png,20.5\n' });
    for (const options of [
      ['--labels', at('ages.csv'), '--no-labels'],
      ['--no-labels', '--labels', at('ages.csv')],
    ]) {
      const outcome = await cli('import', at('photos'), ...options);
      expect(outcome.code).not.toBe(0);
      expect(outcome.stderr).toContain('contradict each other');
    }
  });

  it('refuses a table that names no image, and takes none by --no-labels', async () => {
    await putPictures('photos/a.png', 'photos/b.png');
    await put({
      'prices.csv': 'product,price\napple,3\npear,4\n',
      'photos/ages.csv': 'file,age\na.png,1.5\nb.png,2.5\n',
    });
    const refused = await cli('import', at('photos'), '--labels', at('prices.csv'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('prices.csv');
    expect(refused.stderr).toContain('apple');
    expect((await imported()).labels).toEqual({ age: [1.5, 2.5] });
    expect((await imported('--no-labels')).labels).toEqual({});
  });

  it('joins by the column that --name-column says', async () => {
    await putPictures('photos/a.png', 'photos/b.png');
    await put({ 'pairs.csv': 'left,right,score\na.png,b.png,1.5\nb.png,a.png,2.5\n' });
    const pairs = ['--labels', at('pairs.csv'), '--name-column'];
    expect((await imported(...pairs, 'left')).labels['score']).toEqual([1.5, 2.5]);
    expect((await imported(...pairs, 'right')).labels['score']).toEqual([2.5, 1.5]);
    const refused = await cli('import', at('photos'), ...pairs, 'middle');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('middle');
  });

  it.each(PARQUET_COMPRESSIONS)('joins a Parquet table compressed with %s', async (compression) => {
    const files = Array.from({ length: 12 }, (_, i) => `${String(i).padStart(2, '0')}.png`);
    await putPictures(...files.map((file) => `photos/${file}`));
    await put({ 'table.parquet': parquetTable(compression) });
    const { labels, info } = await imported('--labels', at('table.parquet'));
    expect(labels).toEqual({
      kind: files.map((_, i) => ['cat', 'dög', null][i % 3]),
      age: files.map((_, i) => (i === 3 ? null : i + 0.5)),
    });
    expect(info.labels).toMatchObject({ rowsWithoutImage: 0, imagesWithoutRow: 0 });
  });

  it('says what is wrong with a damaged Parquet table', async () => {
    await putPictures('photos/00.png');
    const bytes = parquetTable('zstd');
    bytes.fill(0xff, 4, 60);
    await put({ 'table.parquet': bytes });
    const refused = await cli('import', at('photos'), '--labels', at('table.parquet'));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /Could not read .*table\.parquet: it is not a Parquet file that can be read/,
    );
  });
});

describe('unravel import --name-pattern', () => {
  const PATTERN = '{age}_{gender}_{race}_{*}';

  it('is offered in a line where the names fit one, and makes labels of them', async () => {
    const names = Array.from(
      { length: 12 },
      (_, i) => `${20 + (i % 4)}_${i % 2}_${i % 5}_20170116${i + 10}.png`,
    );
    await putPictures(...names.map((name) => `photos/${name}`));
    const told = await cli('import', at('photos'));
    expect(told.stdout).toContain(
      `12 file names fit ${PATTERN}: --name-pattern "${PATTERN}" makes labels of its parts.\n`,
    );
    expect((await imported()).done['offeredNamePattern']).toBe(PATTERN);
    expect((await cli('import', at('photos'), '--no-labels')).stdout).not.toContain('--name-pattern');

    const used = await imported('--name-pattern', PATTERN);
    expect(Object.keys(used.labels)).toEqual(['age', 'gender', 'race']);
    // Whole numbers that repeat are categories.
    expect(new Set(used.labels['age'])).toEqual(new Set(['20', '21', '22', '23']));
    expect(used.done['offeredNamePattern']).toBeUndefined();
    expect((await cli('import', at('photos'), '--name-pattern', PATTERN)).stdout).toContain(
      `Labels of the file names: ${PATTERN}.`,
    );
  });

  it('is not offered for names that only count, and refused where it fits none', async () => {
    await putPictures(...Array.from({ length: 8 }, (_, i) => `photos/IMG_${100 + i}.png`));
    expect((await cli('import', at('photos'))).stdout).not.toContain('--name-pattern');
    const refused = await cli('import', at('photos'), '--name-pattern', '{a}-{b}');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('No file name fits the pattern “{a}-{b}”');
  });
});

it('unravel import --follow-links follows links into the folder it names, and says so where there are some', async () => {
  await putPictures('blobs/one', 'elsewhere/two');
  await putPictures('photos/0.png');
  await symlink('../blobs/one', at('photos/1.png'));
  await symlink('../elsewhere/two', at('photos/2.png'));
  const without = await cli('import', at('photos'));
  expect(without.stdout).toContain('Imported 1 image ');
  expect(without.stdout).toContain('are followed with --follow-links <folder>.');
  const { done, info } = await imported('--follow-links', at('blobs'));
  expect(done['images']).toBe(2);
  expect(info.skipped).toEqual([{ file: '2.png', reason: 'it is a link that leaves the folder' }]);
});
