import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSweep, readSweep } from '../../../src/engine/sweeps/sweep-file.ts';
import { trialsOf } from '../../../src/engine/sweeps/trials.ts';

const sweep = (more: object = {}) =>
  parseSweep({ dataset: 'faces', models: ['vae', 'beta-vae'], betas: [1, 4], ...more }, 'sweep.json');

describe('a sweep file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unravel-sweep-file-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is read with what is left out filled in', async () => {
    const path = join(folder, 'sweep.json');
    await writeFile(path, '{"dataset": "faces", "models": ["vae"]}');
    expect(await readSweep(path)).toEqual({
      ...{ dataset: 'faces', models: ['vae'], config: {}, seeds: [1], evaluationSeed: 0 },
    });
    await writeFile(path, '{"dataset": "faces",}');
    await expect(readSweep(path)).rejects.toMatchObject({ code: 'bad-input', path });
    await expect(readSweep(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each([
    [{ models: [] }, '“models” is empty'],
    [{ models: ['vea'] }, '“models.0” must be ae, vae'],
    [{ seeds: [1, 1] }, '“seeds” names one twice'],
    [{ betas: [-1] }, '“betas.0”'],
    [{ beta: [1] }, '“beta” means nothing'],
    [{ config: { epocs: 3 } }, '“config.epocs” means nothing'],
    [{ config: { epochs: 0 } }, '“config.epochs”'],
    [{ dataset: undefined }, 'it has no “dataset”'],
  ])('is refused in words with %j', (more, words) => {
    expect(() => sweep(more)).toThrow(words);
  });

  it('is refused where it holds no object', () => {
    expect(() => parseSweep([], 'sweep.json')).toThrow('sweep.json');
  });
});

describe('trials', () => {
  it('are every model with every β that it has, one seed after the other', () => {
    const trials = trialsOf(sweep({ seeds: [1, 2], config: { epochs: 3, latentDim: 4 } }));
    expect(trials.map(({ name }) => name)).toEqual([
      ...['VAE, seed 1', 'β-VAE, β = 1, seed 1', 'β-VAE, β = 4, seed 1'],
      ...['VAE, seed 2', 'β-VAE, β = 1, seed 2', 'β-VAE, β = 4, seed 2'],
    ]);
    expect(trials[5]!.config).toMatchObject({
      ...{ seed: 2, epochs: 3, latentDim: 4, batchSize: 128, architecture: 'paper' },
      objective: { model: 'beta-vae', beta: 4, warmUp: 0 },
    });
    expect(trials.map(({ beta }) => beta).slice(0, 3)).toEqual([null, 1, 4]);
  });

  it('keep weights of their own, and are named by what tells them apart', () => {
    const models = [
      'beta-tcvae',
      { model: 'factor-vae', gamma: 3 },
      { model: 'factor-vae', gamma: 10 },
      { model: 'beta-vae', beta: 7 },
    ];
    const trials = trialsOf(sweep({ models, name: 'mine' }));
    expect(trials.map(({ name, beta }) => [name, beta])).toEqual([
      ['mine: β-TCVAE, β = 1, seed 1', 1],
      ['mine: β-TCVAE, β = 4, seed 1', 4],
      ['mine: FactorVAE (γ = 3), seed 1', null],
      ['mine: FactorVAE (γ = 10), seed 1', null],
      ['mine: β-VAE, β = 7, seed 1', 7],
    ]);
  });

  it('are as published without betas', () => {
    expect(trialsOf(sweep({ betas: undefined })).map(({ beta }) => beta)).toEqual([null, 5]);
  });

  it('refuse weights that a model does not have, and to train twice', () => {
    expect(() => trialsOf(sweep({ models: [{ model: 'vae', gamma: 2 }] }))).toThrow(
      'VAE has no weight gamma',
    );
    expect(() => trialsOf(sweep({ models: ['beta-vae', { model: 'beta-vae', beta: 4 }] }))).toThrow('twice');
  });
});
