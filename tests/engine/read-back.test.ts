import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codesFile, hasCodes, readStoredCodes } from '../../src/engine/codes/codes-file.ts';
import { readNpy } from '../../src/engine/files/npy.ts';
import { readSafetensors, writeSafetensors, type AnyTensor } from '../../src/engine/files/safetensors.ts';
import { readFiguresRecipe } from '../../src/engine/figures/figure-files.ts';
import { evaluationFile, readEvaluation } from '../../src/engine/evaluation/stored-evaluations.ts';
import { writeCheckpoint } from '../../src/engine/runs/checkpoint.ts';
import { listRecipes, readRecipe } from '../../src/engine/runs/recipes.ts';
import { readSweep } from '../../src/engine/sweeps/sweep-file.ts';
import { readSnapshot, snapshotFile } from '../../src/engine/training/snapshot.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-read-back-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function pipeAt(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  execFileSync('mkfifo', [path]);
  return path;
}

/** A file of the safetensors format with any header. */
async function writeRaw(path: string, header: object, bodyBytes: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  await writeFile(path, Buffer.concat([prefix, text]));
  await truncate(path, 8 + text.length + bodyBytes);
  return path;
}

const refused = { code: 'bad-input' };

describe('what is read back of a run', () => {
  it('never waits for a pipe', async () => {
    await pipeAt(evaluationFile(folder, 'faces-1'));
    expect(await readEvaluation(folder, 'faces-1')).toBeNull();
    await pipeAt(join(folder, 'recipes', '2026-01-01T00-00-00-000Z-0123456789ab.json'));
    expect(await listRecipes(folder)).toEqual([]);
    await pipeAt(snapshotFile(folder, 1));
    await expect(readSnapshot(folder, 1)).rejects.toMatchObject(refused);
    const codes = await pipeAt(codesFile(folder, 'faces-1'));
    expect(await hasCodes(folder, 'faces-1', 5)).toBe(false);
    await expect(readStoredCodes(codes, 5)).rejects.toMatchObject(refused);
  });

  it('never waits for a pipe that a person has named either', async () => {
    const path = await pipeAt(join(folder, 'given'));
    for (const read of [readRecipe, readFiguresRecipe, readSweep, readNpy, readSafetensors]) {
      await expect(read(path)).rejects.toMatchObject(refused);
    }
  });

  it('is not followed where it is a link', async () => {
    await writeFile(join(folder, 'private.json'), '{}');
    await mkdir(join(folder, 'recipes'));
    const path = join(folder, 'recipes', '2026-01-01T00-00-00-000Z-0123456789ab.json');
    await symlink('../private.json', path);
    await expect(readRecipe(path)).rejects.toThrow('it is a link');
    // A person may well name a link: what is wrong with this one is what it holds.
    await expect(readRecipe(path, { followLinks: true })).rejects.toThrow('does not describe a GIF');
  });
});

describe('a file of tensors', () => {
  it('whose header claims more than the file has is refused', async () => {
    const path = join(folder, 'file');
    const tensor = (shape: number[], start: number, end: number) => ({
      dtype: 'F32',
      shape,
      data_offsets: [start, end],
    });
    for (const [shape, start, end] of [
      [[1e12], 0, 4e12],
      [[1e200, 1e200], 0, 8],
      [[2], 0, 8000],
      [[2], -8, 0],
      [[2], 8, 0],
    ] as const) {
      await writeRaw(path, { a: tensor([...shape], start, end) }, 8);
      await expect(readSafetensors(path)).rejects.toMatchObject(refused);
    }
  });

  it('whose tensors overlap, so that they would take more memory than the file, is refused', async () => {
    const entry = { dtype: 'U8', shape: [1000], data_offsets: [0, 1000] };
    const header = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, entry]));
    const path = await writeRaw(join(folder, 'file'), header, 1000);
    await expect(readSafetensors(path)).rejects.toThrow('overlap');
  });
});

describe('a snapshot', () => {
  const write = (rows: number, latentDim: number): Promise<void> => {
    const tensors = new Map<string, AnyTensor>([
      ['indices', { shape: [rows], data: new Int32Array(rows) }],
      ['mu', { shape: [rows, latentDim], data: new Float32Array(rows * latentDim) }],
    ]);
    return writeSafetensors(snapshotFile(folder, 1), tensors);
  };

  it.each([
    [0, 1e15],
    [3, 0],
    [3, 513],
  ])('of %i codes of %i dimensions is refused', async (rows, latentDim) => {
    await write(rows, latentDim);
    await expect(readSnapshot(folder, 1)).rejects.toMatchObject(refused);
  });

  it('far larger than a training writes is refused before it is read', async () => {
    const mu = { dtype: 'F32', shape: [2 ** 24, 512], data_offsets: [0, 2 ** 35] };
    await writeRaw(snapshotFile(folder, 1), { mu }, 2 ** 35);
    await expect(readSnapshot(folder, 1)).rejects.toThrow('at most');
  });
});

describe('codes', () => {
  const header = (rows: number, latentDim: number) => ({
    __metadata__: { format: 'unravel-codes-1', step: '7' },
    mu: { dtype: 'F32', shape: [rows, latentDim], data_offsets: [0, rows * latentDim * 4] },
  });

  it('that are not one for each image, or of more dimensions than a model has, are none', async () => {
    const nothing = { weights: new Map(), statistics: new Map(), moments: undefined };
    await writeCheckpoint(folder, { ...nothing, step: 7, epoch: 1 });
    const path = codesFile(folder, 'faces-1');
    for (const [rows, latentDim, isThere] of [
      [5, 4, true],
      [5, 512, true],
      [5, 513, false],
      [6, 4, false],
      [5, 0, false],
    ] as const) {
      await writeRaw(path, header(rows, latentDim), rows * latentDim * 4);
      expect(await hasCodes(folder, 'faces-1', 5)).toBe(isThere);
    }
  });

  it('far larger than those of the data set are refused before they are read', async () => {
    const path = await writeRaw(codesFile(folder, 'faces-1'), header(2 ** 24, 512), 2 ** 35);
    await expect(readStoredCodes(path, 5)).rejects.toThrow('at most');
  });
});
