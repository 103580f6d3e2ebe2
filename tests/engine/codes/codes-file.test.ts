import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  codesFile,
  findStoredPosteriors,
  hasCodes,
  readStoredCodes,
  storeCodes,
} from '../../../src/engine/codes/codes-file.ts';
import { klPerDimension } from '../../../src/engine/losses/kl.ts';
import { createRandom } from '../../../src/engine/basics/random.ts';
import { writeCheckpoint } from '../../../src/engine/runs/checkpoint.ts';

const IMAGES = 40;
const LATENT = 3;
const DATASET = { id: 'faces-000001', images: IMAGES };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-codes-'));
  await checkpointOf(12);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function checkpointOf(step: number): Promise<void> {
  const nothing = { weights: new Map(), statistics: new Map(), moments: undefined };
  return writeCheckpoint(folder, { ...nothing, step, epoch: 1 });
}

const normal = (name: string) => createRandom(1, name).fillNormal(new Float32Array(IMAGES * LATENT));
const posteriors = { mu: normal('mu'), logVar: normal('logVar') };
const path = () => codesFile(folder, DATASET.id);

describe('codes that are kept', () => {
  it('are read back whole, with their KL', async () => {
    await storeCodes(path(), posteriors, { step: 12, latentDim: LATENT });
    const codes = await readStoredCodes(path(), IMAGES, { logVar: true });
    expect(codes).toMatchObject({ latentDim: LATENT, mu: posteriors.mu, logVar: posteriors.logVar });
    expect(codes.klPerDimension).toEqual(klPerDimension(posteriors.mu, posteriors.logVar, LATENT));
    expect((await readStoredCodes(path(), IMAGES)).logVar).toBeUndefined();
  });

  it('are there for the checkpoint and the number of images that they were made of only', async () => {
    expect(await hasCodes(folder, DATASET.id, IMAGES)).toBe(false);
    await storeCodes(path(), posteriors, { step: 12, latentDim: LATENT });
    expect(await hasCodes(folder, DATASET.id, IMAGES)).toBe(true);
    expect(await hasCodes(folder, DATASET.id, IMAGES + 1)).toBe(false);
    expect(await hasCodes(folder, 'other-000001', IMAGES)).toBe(false);
    await checkpointOf(13);
    expect(await hasCodes(folder, DATASET.id, IMAGES)).toBe(false);
  });

  it('serve instead of encoding again, unless log Σ was not kept and is wanted', async () => {
    expect(await findStoredPosteriors(folder, DATASET, true)).toBeUndefined();
    await storeCodes(path(), posteriors, { step: 12, latentDim: LATENT });
    expect(await findStoredPosteriors(folder, DATASET, true)).toEqual(posteriors);
    await storeCodes(path(), posteriors, { step: 12, latentDim: LATENT, half: true });
    expect(await findStoredPosteriors(folder, DATASET, true)).toBeUndefined();
    const half = await findStoredPosteriors(folder, DATASET, false);
    half!.mu.forEach((value, i) => expect(value).toBeCloseTo(posteriors.mu[i]!, 2));
  });

  it('of an AE have no KL', async () => {
    const codes = { mu: posteriors.mu, logVar: new Float32Array(0) };
    await storeCodes(path(), codes, { step: 12, latentDim: LATENT });
    expect((await readStoredCodes(path(), IMAGES)).klPerDimension).toEqual(new Float64Array(LATENT));
    expect(await findStoredPosteriors(folder, DATASET, false)).toEqual(codes);
  });
});
