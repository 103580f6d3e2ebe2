import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Codes } from '../../../src/engine/codes/code-table.ts';
import { readCodes, writeCodes } from '../../../src/engine/codes/code-files.ts';
import { npyOf } from '../../fixtures/npy.ts';
import { readNpy, writeNpy } from '../../../src/engine/files/npy.ts';
import { floatTensor, readSafetensors, writeSafetensors } from '../../../src/engine/files/safetensors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-codes-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const finite = fc.float({ noNaN: true, noDefaultInfinity: true });
const codes = fc
  .record({ count: fc.integer({ min: 1, max: 6 }), latentDim: fc.integer({ min: 1, max: 5 }) })
  .chain(({ count, latentDim }) => {
    const numbers = fc
      .array(finite, { minLength: count * latentDim, maxLength: count * latentDim })
      .map((values) => ({ shape: [count, latentDim], data: Float32Array.from(values) }));
    return fc.record({
      names: fc.array(fc.string({ unit: 'binary' }), { minLength: count, maxLength: count }),
      mu: numbers,
      logVar: fc.option(numbers, { nil: undefined }),
    });
  });

function some(logVar = true): Codes {
  const mu = { shape: [2, 3], data: Float32Array.of(0.1, -2, 3e-8, 1, 0, 1e30) };
  return { names: ['a, "b".jpg', 'faces/ü.png'], mu, logVar: logVar ? mu : undefined };
}

async function text(name: string, contents: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, contents);
  return path;
}

describe('writeCodes and readCodes', () => {
  test.each(['csv', 'npy', 'safetensors'])('give the same codes and names back as %s', async (extension) => {
    const path = join(folder, `round-trip.${extension}`);
    await fc.assert(
      fc.asyncProperty(codes, async (written) => {
        await writeCodes(path, written);
        const { z, names } = await readCodes(path, written.mu.shape[1]);
        expect(z).toEqual(written.mu);
        // A NumPy file's names are lines of text: a line break has no place there.
        const expected =
          extension === 'npy' ? written.names.map((name) => name.replace(/[\r\n]+/g, ' ')) : written.names;
        expect(names).toEqual(expected);
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  test('write a table that people can read', async () => {
    const path = join(folder, 'table.csv');
    await writeCodes(path, some());
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([
      'name,mu_0,mu_1,mu_2,log_var_0,log_var_1,log_var_2',
      '"a, ""b"".jpg",0.1,-2,3e-8,0.1,-2,3e-8',
      'faces/ü.png,1,0,1e+30,1,0,1e+30',
      '',
    ]);
    await writeCodes(path, some(false));
    expect(await readFile(path, 'utf8')).toMatch(/^name,mu_0,mu_1,mu_2\n/);
  });

  test('write labels behind the codes, by names that are not read as codes', async () => {
    const path = join(folder, 'labelled.csv');
    const labels = [
      { name: 'treatment', at: (image: number) => ['drug A', null][image] },
      { name: 'z_0', at: (image: number) => 10 * image },
      { name: '=cmd', at: () => '@home' },
    ];
    await writeCodes(path, { ...some(false), labels });
    expect((await readFile(path, 'utf8')).split('\n')).toEqual([
      "name,mu_0,mu_1,mu_2,treatment,label z_0,'=cmd",
      `"a, ""b"".jpg",0.1,-2,3e-8,drug A,0,'@home`,
      `faces/ü.png,1,0,1e+30,,10,'@home`,
      '',
    ]);
    const { z, names } = await readCodes(path, 3);
    expect(z).toEqual(some().mu);
    expect(names).toEqual(some().names);
  });

  test('write tensors as the golden files have them', async () => {
    const path = join(folder, 'tensors.safetensors');
    await writeCodes(path, some());
    const file = await readSafetensors(path);
    expect([...file.tensors.keys()]).toEqual(['mu', 'log_var']);
    expect(floatTensor(file, 'log_var', [2, 3], path).data).toEqual(some().mu.data);
    expect(JSON.parse(file.metadata['names']!)).toEqual(some().names);
  });

  test('write a NumPy array with its companions, and take away those of before', async () => {
    const inner = await mkdtemp(join(folder, 'npy-'));
    const path = join(inner, 'codes.npy');
    await writeCodes(path, some());
    expect((await readdir(inner)).sort()).toEqual(['codes.log_var.npy', 'codes.names.txt', 'codes.npy']);
    expect(await readNpy(join(inner, 'codes.log_var.npy'))).toEqual(some().logVar);
    await writeCodes(path, some(false));
    expect((await readdir(inner)).sort()).toEqual(['codes.names.txt', 'codes.npy']);
  });

  test('refuse values that are not finite, when writing and when reading', async () => {
    const bad = { shape: [1, 2], data: Float32Array.of(1, NaN) };
    const path = join(folder, 'nan.npy');
    await expect(writeCodes(path, { names: ['a'], mu: bad })).rejects.toMatchObject({ code: 'bad-input' });
    await writeNpy(path, bad);
    await expect(readCodes(path)).rejects.toThrow(/code 0, dimension 1 is not a finite number/);
  });

  test('refuse parts that do not belong together', async () => {
    const { mu } = some();
    await expect(writeCodes(join(folder, 'x.csv'), { names: ['one'], mu })).rejects.toThrow(RangeError);
    const logVar = { shape: [3, 2], data: mu.data };
    await expect(writeCodes(join(folder, 'x.csv'), { ...some(), logVar })).rejects.toThrow(RangeError);
  });

  test('refuse other endings', async () => {
    const refusal = { code: 'bad-input', message: expect.stringMatching(/does not end in/) as unknown };
    await expect(writeCodes(join(folder, 'codes.txt'), some())).rejects.toMatchObject(refusal);
    await expect(readCodes(join(folder, 'codes'))).rejects.toMatchObject(refusal);
  });

  test('of a .csv keep a spreadsheet from running names, unless they are wanted raw, and names come back', async () => {
    const path = join(folder, 'formulas.csv');
    const names = ['=1+1', '-photo.jpg', '@x', "'=1", '-7'];
    const mu = { shape: [5, 1], data: Float32Array.of(-1, -2, -3, -4, -5) };
    await writeCodes(path, { names, mu });
    expect(await readFile(path, 'utf8')).toBe(
      `name,mu_0\n'=1+1,-1\n'-photo.jpg,-2\n'@x,-3\n''=1,-4\n-7,-5\n`,
    );
    expect(await readCodes(path)).toEqual({ z: mu, names });
    await writeCodes(path, { names, mu }, { isRaw: true });
    expect(await readFile(path, 'utf8')).toBe(`name,mu_0\n=1+1,-1\n-photo.jpg,-2\n@x,-3\n'=1,-4\n-7,-5\n`);
  });

  test.each(['csv', 'npy', 'safetensors'])('say which file is missing (%s)', async (extension) => {
    const path = join(folder, `missing.${extension}`);
    await expect(readCodes(path)).rejects.toMatchObject({ code: 'not-found', path });
  });
});

describe('readCodes', () => {
  test('prefers z to mu, in tables and in tensors', async () => {
    const table = await text('both.csv', 'mu_0,z_1,label,z_0\n9,2,young,1\n9,4,old,3\n');
    expect((await readCodes(table)).z).toEqual({ shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
    const path = join(folder, 'both.safetensors');
    const z = { shape: [1, 2], data: Float32Array.of(1, 2) };
    const mu = { shape: [3, 2], data: new Float32Array(6) };
    await writeSafetensors(
      path,
      new Map([
        ['mu', mu],
        ['z', z],
      ]),
      { metadata: { names: '["a"]' } },
    );
    expect(await readCodes(path)).toEqual({ z });
  });

  test('reads tables as spreadsheets write them', async () => {
    const path = await text('excel.csv', '\uFEFFname;mu_0;mu_1\r\n"a;b";1.5;-2\r\n\r\nc;3;4e-1\r\n');
    const read = await readCodes(path);
    expect(read.names).toEqual(['a;b', 'c']);
    expect(read.z.data).toEqual(Float32Array.of(1.5, -2, 3, 0.4));
  });

  test('reads doubles and a single code', async () => {
    const path = join(folder, 'one.npy');
    await writeNpy(path, { shape: [3], data: Float64Array.of(0.1, 2, -3) });
    expect((await readCodes(path)).z).toEqual({ shape: [1, 3], data: Float32Array.of(0.1, 2, -3) });
  });

  test('passes names over that are not as many as the codes', async () => {
    const path = join(folder, 'odd.npy');
    await writeNpy(path, { shape: [2, 1], data: Float32Array.of(1, 2) });
    await text('odd.names.txt', 'only one\n');
    expect(await readCodes(path)).not.toHaveProperty('names');
  });

  test.each([
    ['no columns of codes', 'a,b\n1,2\n', /no columns z_0/],
    ['a gap', 'mu_0,mu_2\n1,2\n', /none named mu_1/],
    ['a word', 'mu_0,mu_1\n1,2\n3,four\n', /line 3, mu_1 is "four"/],
    ['an empty cell', 'mu_0,mu_1\n1,\n', /line 2, mu_1 is ""/],
    ['a short row', 'mu_0,mu_1\n1\n', /line 2, mu_1/],
    ['NaN', 'mu_0\nNaN\n', /line 2, mu_0 is "NaN"/],
    ['a number beyond float32', 'mu_0\n1e39\n', /line 2, mu_0/],
    ['only a header', 'mu_0,mu_1\n', /holds no codes/],
    ['nothing', '', /holds no codes/],
  ])('refuses a table with %s', async (_, contents, message) => {
    const path = await text('bad.csv', contents);
    await expect(readCodes(path)).rejects.toMatchObject({
      code: 'bad-input',
      path,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test('refuses tensors that are not codes', async () => {
    const path = join(folder, 'images.safetensors');
    await writeSafetensors(path, new Map([['images', { shape: [1, 2], data: new Uint8Array(2) }]]));
    await expect(readCodes(path)).rejects.toMatchObject({
      hint: expect.stringMatching(/holds images/) as unknown,
    });
    await writeSafetensors(path, new Map([['z', { shape: [1, 2, 1], data: new Float32Array(2) }]]));
    await expect(readCodes(path)).rejects.toThrow(/\[1, 2, 1\]/);
  });

  test.each([
    [Int32Array.of(1, 2, -3, 4), '<i4', [1, 2, -3, 4]],
    [Uint8Array.of(1, 2, 3, 4), '|u1', [1, 2, 3, 4]],
    [BigInt64Array.of(1n, -2n, 3n, 4n), '<i8', [1, -2, 3, 4]],
    [Float64Array.of(0.5, 1, 2, 3), '<f8', [0.5, 1, 2, 3]],
    [Uint16Array.of(0x3c00, 0xc000, 0, 0), '<f2', [1, -2, 0, 0]],
  ])('reads numbers of any type (%#)', async (data, descr, expected) => {
    const path = join(folder, 'typed.npy');
    await writeFile(path, npyOf([2, 2], data, { descr }));
    expect((await readCodes(path)).z).toEqual({ shape: [2, 2], data: Float32Array.from(expected) });
  });

  test('names the type of a NumPy array that is not of numbers', async () => {
    const path = join(folder, 'typed.npy');
    await writeFile(path, npyOf([2, 2], new Float64Array(4), { descr: '<c8' }));
    await expect(readCodes(path)).rejects.toMatchObject({
      code: 'bad-input',
      message: `Could not read ${path}: numbers of type complex64 are not supported.`,
    });
  });

  test('refuses codes of another model', async () => {
    const path = join(folder, 'other.safetensors');
    await writeCodes(path, some());
    await expect(readCodes(path, 10)).rejects.toThrow(/have 3 dimensions, but the model has 10/);
  });

  const golden = '../shared/data/pretrained/VAE_celeba/golden.safetensors';
  test.skipIf(!existsSync(golden))('reads the golden file (skipped where ../shared is missing)', async () => {
    const { z } = await readCodes(golden, 10);
    expect(z.shape).toEqual([16, 10]);
    expect(z.data).toEqual((await readSafetensors(golden)).tensors.get('z')?.data);
  });
});
