import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSweep, plottedAgainst, readSweep } from '../../../src/engine/sweeps/sweep-file.ts';
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
      ...{ dataset: 'faces', models: ['vae'], config: {}, axes: {}, seeds: [1], evaluationSeed: 0 },
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
    [{ axes: { latentDim: [] } }, '“axes.latentDim” is empty'],
    [{ axes: { latentDim: [4, 0] } }, '“axes.latentDim.1”: Invalid value: Expected >=1'],
    [{ axes: { batchSize: [null] } }, '“axes.batchSize.0”: Invalid type'],
    [{ axes: { optimiser: [{ clipNrom: 1 }] } }, '“axes.optimiser.0.clipNrom”'],
    [{ axes: { beta: [1] } }, '“axes.beta” is no axis'],
    [{ axes: { epochs: [1] }, config: { epochs: 2 } }, '“config” and “axes” both say epochs'],
    [{ axes: { decoder: [null], 'decoder.kind': ['laplace'] } }, 'both decoder and decoder.kind'],
    [{ axes: { architecture: ['paper', 'burgess'] }, against: 'architecture' }, 'against “architecture”'],
    [{ config: { optimiser: { clipNrom: 1 } } }, '“config.optimiser.clipNrom” means nothing'],
  ])('is refused in words with %j', (more, words) => {
    expect(() => sweep(more)).toThrow(words);
  });

  it.each([
    [{ axes: { latentDims: [4] } }, 'Did you mean latentDim?'],
    [{ config: { lerningRate: 1 } }, 'Did you mean learningRate?'],
    [{ axis: {} }, 'Did you mean axes?'],
    [{ axes: { 'optimiser.clipnorn': [4] } }, 'Did you mean optimiser.clipNorm?'],
  ])('is refused with the nearest name for %j', (more, hint) => {
    expect(() => sweep(more)).toThrow(expect.objectContaining({ hint }));
  });

  it('is drawn against the first axis of numbers, or what it says', () => {
    const axes = { architecture: ['paper', 'burgess'], batchSize: [8], latentDim: [2, 4], epochs: [1, 2] };
    expect(plottedAgainst(sweep({ axes }))).toBe('latentDim');
    expect(plottedAgainst(sweep({ axes, against: 'beta' }))).toBe('beta');
    expect(plottedAgainst(sweep())).toBe('beta');
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

  it('are every model at every point of the grid, with what the config says beside it', () => {
    const trials = trialsOf(
      sweep({
        axes: { architecture: ['burgess', 'residual'], 'optimiser.clipNorm': [null, 1] },
        config: { optimiser: { schedule: 'cosine' } },
        models: ['beta-vae'],
        betas: [4],
      }),
    );
    expect(trials.map(({ name }) => name)).toEqual([
      'β-VAE, architecture = burgess, clipping = none, β = 4, seed 1',
      'β-VAE, architecture = burgess, clipping = 1, β = 4, seed 1',
      'β-VAE, architecture = residual, clipping = none, β = 4, seed 1',
      'β-VAE, architecture = residual, clipping = 1, β = 4, seed 1',
    ]);
    expect(trials.map(({ config }) => config.optimiser)).toEqual([
      ...[{ schedule: 'cosine' }, { schedule: 'cosine', clipNorm: 1 }],
      ...[{ schedule: 'cosine' }, { schedule: 'cosine', clipNorm: 1 }],
    ]);
    expect(trials[3]!.axes).toEqual({ architecture: 'residual', 'optimiser.clipNorm': 1 });
  });

  it('have a decoder of an axis as a training has it, and refuse one that a model cannot have', () => {
    const axes = { decoder: [null, { kind: 'bernoulli' }], learningRate: [0.001] };
    expect(trialsOf(sweep({ models: ['vae'], axes })).map(({ config }) => config.decoder)).toEqual([
      ...[undefined, { kind: 'bernoulli' }],
    ]);
    const variances = { 'decoder.variance': [0.1] };
    const [narrow] = trialsOf(sweep({ models: ['vae'], axes: variances }));
    expect(narrow!.config.decoder).toEqual({ kind: 'gaussian', variance: 0.1 });
    expect(() => trialsOf(sweep({ models: ['vae-gan'], axes: variances }))).toThrow('decoder');
  });

  it('share a standard deviation of posteriors, which models without a posterior leave out', () => {
    const trials = trialsOf(sweep({ models: ['ae', 'vae'], config: { deviation: 'softplus' } }));
    expect(trials.map(({ config }) => config.deviation)).toEqual([undefined, 'softplus']);
  });

  it('are refused with their number where they are too many', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    const axes = { latentDim: hundred, epochs: hundred };
    expect(() => trialsOf(sweep({ axes, seeds: [1, 2] }))).toThrow('would train 60,000 models');
  });

  it('refuse weights that a model does not have, and to train twice', () => {
    expect(() => trialsOf(sweep({ models: [{ model: 'vae', gamma: 2 }] }))).toThrow(
      'VAE has no weight gamma',
    );
    expect(() => trialsOf(sweep({ models: ['beta-vae', { model: 'beta-vae', beta: 4 }] }))).toThrow('twice');
  });
});
