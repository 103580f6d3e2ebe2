// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { ModelKind, RunInfo } from '../../../src/contract/run.ts';
import { runLabels, sharedFacts } from '../../../src/renderer/components/run-words.ts';
import { defaultRuns, inOrder } from '../../../src/renderer/state/compared-runs.svelte.ts';
import { runTones } from '../../../src/renderer/views/compare/colours.ts';
import { aDataset, aRun, makeApp, paperConfig } from '../small-app.ts';

let made = 0;

function run(model: ModelKind, changes: Partial<RunInfo> = {}, beta?: number): RunInfo {
  made += 1;
  return aRun({
    id: `${model}-${made}`,
    name: `${model} ${made}`,
    created: new Date(Date.UTC(2026, 0, made)).toISOString(),
    config: { ...paperConfig, objective: { model, ...(beta === undefined ? {} : { beta }) } },
    ...changes,
  });
}

const vae = run('vae');
const ae = run('ae');
const olderTc = run('beta-tcvae', {}, 20);
const tc = run('beta-tcvae', {}, 6);
const beta = run('beta-vae', {}, 5);
const factor = run('factor-vae');
const foreign = run('vae', { dataset: null, state: 'imported' });
const grey = run('vae', { dataset: null, channels: 1, state: 'imported' });
const untrained = run('vae', { epoch: 0, step: 0, state: 'running' });
const newestFirst = [untrained, grey, foreign, factor, beta, tc, olderTc, ae, vae];

describe('a comparison', () => {
  it('begins with the newest of each of the paper’s models, in its order', () => {
    expect(defaultRuns(newestFirst.slice(3), 'faces-1')).toEqual([ae, vae, beta, tc]);
  });

  it('begins with models that were trained alike rather than with a newer one that was trained longer', () => {
    const longer = run('vae', { config: { ...paperConfig, objective: { model: 'vae' }, epochs: 300 } });
    expect(defaultRuns([longer, beta, ae, vae], 'faces-1')).toEqual([ae, vae, beta]);
    // A kind that only the longer one has is shown too.
    expect(defaultRuns([longer, beta, ae], 'faces-1')).toEqual([ae, longer, beta]);
  });

  it('is filled up to two with the newest others', () => {
    expect(defaultRuns([factor, vae], 'faces-1')).toEqual([vae, factor]);
    expect(defaultRuns([tc, olderTc], 'faces-1')).toEqual([tc, olderTc]);
    expect(defaultRuns([vae], 'faces-1')).toEqual([vae]);
    expect(defaultRuns([foreign], 'faces-1')).toEqual([]);
  });

  it('has models in the paper’s order, weaker weights first', () => {
    expect(inOrder([olderTc, tc, beta, vae, ae])).toEqual([ae, vae, beta, tc, olderTc]);
  });

  it('offers every model that can see the images, the data set’s own first', async () => {
    const { app } = await makeApp({
      'datasets.list': () => [aDataset()],
      'runs.list': () => newestFirst,
    });
    app.chooseDataset('faces-1');
    expect(app.compared.candidates).toEqual([factor, beta, tc, olderTc, ae, vae, foreign]);
  });

  it('holds two to four, and remembers them for their data set', async () => {
    const other = aDataset({ id: 'faces-2' });
    const { app } = await makeApp({
      'datasets.list': () => [aDataset(), other],
      'runs.list': () => newestFirst,
    });
    const { compared } = app;
    app.chooseDataset('faces-1');
    expect(compared.runs).toHaveLength(4);
    expect(compared.canToggle(factor.id)).toBe(false);
    compared.toggle(factor.id);
    expect(compared.includes(factor.id)).toBe(false);
    compared.toggle(vae.id);
    compared.toggle(factor.id);
    expect(compared.runs).toEqual([ae, beta, tc, factor]);
    compared.toggle(ae.id);
    compared.toggle(beta.id);
    expect(compared.runs).toEqual([tc, factor]);
    compared.toggle(tc.id);
    expect(compared.runs).toEqual([tc, factor]);
    app.chooseDataset('faces-2');
    expect(compared.runs).toEqual([]);
    compared.toggle(vae.id);
    expect(compared.runs).toEqual([vae]);
    compared.toggle(vae.id);
    expect(compared.runs).toEqual([]);
    app.chooseDataset('faces-1');
    expect(compared.runs).toEqual([tc, factor]);
  });
});

describe('the names of compared runs', () => {
  it('are their models and weights', () => {
    expect(runLabels([ae, vae, tc])).toEqual([
      { name: 'AE', note: 'no prior' },
      { name: 'VAE', note: 'β = 1' },
      { name: 'β-TCVAE', note: 'β = 6' },
    ]);
  });

  it('tell runs of one model apart by seed, else by name', () => {
    const seeds = [1, 2].map((seed) => aRun({ id: `r-${seed}`, config: { ...paperConfig, seed } }));
    expect(runLabels(seeds).map(({ note }) => note)).toEqual(['β = 20, seed 1', 'β = 20, seed 2']);
    const names = ['first', 'second'].map((name) => aRun({ id: name, name }));
    expect(runLabels(names).map(({ note }) => note)).toEqual(['β = 20, first', 'β = 20, second']);
  });

  it('leave out what the runs do not share', () => {
    expect(sharedFacts([ae, vae])).toBe('paper’s architecture, seed 1');
    const burgess = aRun({ config: { ...paperConfig, architecture: 'burgess' } });
    expect(sharedFacts([ae, burgess])).toBe('seed 1');
    expect(
      sharedFacts([burgess, aRun({ config: { ...paperConfig, architecture: 'burgess', seed: 4 } })]),
    ).toBe('burgess');
  });

  it('have colours of their own', () => {
    expect(runTones([ae, vae, beta, tc])).toEqual(['none', 0, 1, 3]);
    const tones = runTones([vae, foreign, factor, tc]);
    expect(new Set(tones).size).toBe(4);
    expect(tones[0]).toBe(0);
  });
});
