import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCodes } from '../../../../src/engine/codes/foreign/find-codes.ts';
import { writeSafetensors } from '../../../../src/engine/files/safetensors.ts';
import { npyOf, npzFile } from '../../../fixtures/npy.ts';
import { drawnPhoto } from '../../../fixtures/photos.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-find-codes-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function found(name: string, bytes: string | Uint8Array, key?: string) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return findCodes([path], key);
}

const numbers = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i / 7);

describe('findCodes', () => {
  it('describes a table of codes with its other columns', async () => {
    const table = 'file,mu_0,mu_1,logvar_0,logvar_1,age\na.png,1,2,0,0,3\nb.png,3,4,0,0,5\n';
    expect(await found('codes.csv', table)).toEqual({
      ...{ rows: 2, latentDim: 2, hasVariance: true, key: 'mu', keys: ['mu'] },
      columns: ['file', 'age'],
      notes: [expect.stringMatching(/mu_0 to mu_1/)],
    });
  });

  it('takes the first of several groups, and any other that is asked for', async () => {
    const table = 'a_0,a_1,b_0,b_1,b_2\n1,2,3,4,5\n6,7,8,9,1\n';
    expect(await found('codes.csv', table)).toMatchObject({ latentDim: 2, key: 'a', keys: ['a', 'b'] });
    expect(await found('codes.csv', table, 'b')).toMatchObject({ latentDim: 3, key: 'b' });
  });

  it('takes a matrix of numbers without a header or names', async () => {
    expect(await found('z.csv', '1.5,2\n3,4\n5,6\n')).toMatchObject({ rows: 3, latentDim: 2 });
    expect(await found('z.npy', npyOf([4, 3], numbers(12)))).toMatchObject({ rows: 4, latentDim: 3 });
  });

  it('refuses a table without codes with what to do about it', async () => {
    const labels = found('list_attr.csv', 'image_id,Smiling,Young\n000001.jpg,1,-1\n000002.jpg,-1,1\n');
    await expect(labels).rejects.toMatchObject({
      message: 'list_attr.csv holds no images and no codes.',
      hint: expect.stringMatching(/folder of the images.*mu_0.*image_id, Smiling, Young/) as unknown,
    });
  });

  it.each([
    ['a word', 'mu_0,mu_1\n1,2\n3,x\n', 'its column mu_1 holds “x” in row 2, which is no number'],
    ['a column too few', 'mu_0,mu_2\n1,2\n3,4\n', 'its columns mu… go up to 2, and 1 is missing'],
  ])('says what is wrong with a table of %s', async (_, table, problem) => {
    await expect(found('codes.csv', table)).rejects.toMatchObject({
      message: `codes.csv cannot be read as codes: ${problem}.`,
    });
  });

  it('says which value of codes is no number', async () => {
    await expect(found('codes.csv', 'mu_0,mu_1\n1,2\n3,nan\n')).rejects.toMatchObject({
      message: expect.stringMatching(/row 2, dimension 1, is not a finite number/) as unknown,
    });
  });

  it('leaves images to the import of images, and weights to that of models', async () => {
    const images = npzFile({
      images: npyOf([2, 4, 4], new Uint8Array(32)),
      labels: npyOf([2, 2], numbers(4)),
    });
    expect(await found('images.npz', images)).toBeUndefined();
    expect(await found('flat.npy', npyOf([600, 784], new Uint8Array(600 * 784)))).toBeUndefined();
    expect(await found('photo.png', drawnPhoto(1, 'png'))).toBeUndefined();
    expect(await findCodes([folder], undefined)).toBeUndefined();
    const path = join(folder, 'codes.safetensors');
    await writeSafetensors(path, new Map([['fc.weight', { shape: [4, 3], data: numbers(12) }]]), {});
    expect(await findCodes([path], undefined)).toBeUndefined();
    await writeSafetensors(path, new Map([['mu', { shape: [4, 3], data: numbers(12) }]]), {});
    expect(await findCodes([path], undefined)).toMatchObject({ rows: 4, latentDim: 3 });
    // Two files are not codes alone.
    expect(await findCodes([path, path], undefined)).toBeUndefined();
  });
});
