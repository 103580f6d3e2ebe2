import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnravelError } from '../../../src/contract/errors.ts';
import type { Dataset } from '../../../src/engine/data/dataset.ts';
import { createSampleFaces } from '../../../src/engine/data/sample.ts';
import { openDataset } from '../../../src/engine/data/store.ts';
import { listRuns } from '../../../src/engine/runs/store.ts';
import { runSweep } from '../../../src/engine/sweeps/run-sweep.ts';
import { parseSweep } from '../../../src/engine/sweeps/sweep-file.ts';
import type { TrialResult } from '../../../src/engine/sweeps/trial-result.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { jsonLines, runHere } from '../../cli/run-cli.ts';
import { makeWorkspace } from '../serving/small-workspace.ts';

const description = {
  dataset: 'faces',
  models: ['ae', 'beta-vae'],
  betas: [1, 8],
  seeds: [1, 2],
  metrics: ['mig', 'elbo'],
  config: { architecture: 'burgess', latentDim: 3, epochs: 1, batchSize: 40, checkpointEverySteps: 1 },
};
const sweep = parseSweep(description, 'sweep.json');

let workspace: Workspace;
let remove: () => Promise<void>;
let dataset: Dataset;
let file: string;
beforeAll(async () => {
  ({ workspace, remove } = await makeWorkspace());
  const { id } = await createSampleFaces(workspace, { count: 150, seed: 4, name: 'faces' });
  dataset = await openDataset(workspace, id);
  file = join(workspace.root, 'sweep.json');
  await writeFile(file, JSON.stringify(description));
});
afterAll(async () => {
  await dataset.close();
  await remove();
});

const starts: string[] = [];
/** Carries the sweep out, as far as the step of the trial where it is stopped. */
async function carryOut(stopAt?: { place: number; step: number }): Promise<TrialResult[]> {
  const stopping = new AbortController();
  let at = 0;
  starts.length = 0;
  return runSweep(workspace, dataset, sweep, {
    signal: stopping.signal,
    onTrial: (_trial, place, trials, start) => {
      expect(trials).toBe(6);
      at = place;
      starts.push(start);
    },
    onTraining: (event) => {
      if (event.event === 'step' && at === stopAt?.place && event.step === stopAt.step)
        stopping.abort(new UnravelError('cancelled', 'Stopped.'));
    },
  });
}

describe('a sweep', () => {
  let whole: TrialResult[];

  it('stopped in the middle of a training keeps what is done, and goes on from there', async () => {
    await expect(carryOut({ place: 2, step: 2 })).rejects.toMatchObject({ code: 'cancelled' });
    expect((await listRuns(workspace)).map(({ state }) => state).sort()).toEqual([
      ...['done', 'done', 'interrupted'],
    ]);
    whole = await carryOut();
    expect(starts).toEqual(['known', 'known', 'resumed', 'new', 'new', 'new']);
    const runs = await listRuns(workspace);
    expect(runs).toHaveLength(6);
    expect(runs.every(({ state, step }) => state === 'done' && step === 3)).toBe(true);
    expect(runs.map(({ name }) => name)).toContain('β-VAE, β = 8, seed 2');
  });

  it('measures every model, and an AE by what it has', () => {
    const keys = whole.map(({ measures }) => measures.map(({ key }) => key));
    expect(keys[0]).toEqual(['heldOutReconstruction', 'activeDimensions', 'mig']);
    expect(keys[1]).toEqual([
      ...['heldOutReconstruction', 'heldOutKl', 'activeDimensions', 'mig'],
      ...['mutualInformation', 'totalCorrelation', 'dimensionwiseKl'],
    ]);
  });

  it('carried out again trains and measures nothing, and finds the same', async () => {
    const before = await readdir(workspace.runs);
    expect(await carryOut()).toEqual(whole);
    expect(new Set(starts)).toEqual(new Set(['known']));
    expect(await readdir(workspace.runs)).toEqual(before);
  });

  it('complains of a metric that there is not before it trains', async () => {
    const wrong = parseSweep({ ...description, seeds: [9], metrics: ['mgi'] }, 'sweep.json');
    await expect(runSweep(workspace, dataset, wrong)).rejects.toThrow('mgi');
    expect(await listRuns(workspace)).toHaveLength(6);
  });

  it('goes on past a training that diverges, which is told and not tried again', async () => {
    const wild = parseSweep(
      {
        ...description,
        models: ['vae', 'ae'],
        seeds: [3],
        config: { ...description.config, learningRate: 1 },
      },
      'sweep.json',
    );
    const results = await runSweep(workspace, dataset, wild);
    expect(results[0]!.failure).toContain('diverged');
    expect(results[0]!.measures).toEqual([]);
    expect(results).toHaveLength(2);
    const again = await runSweep(workspace, dataset, wild);
    expect(again[0]).toEqual(results[0]);
  });

  it('by the command line ends with tables and plots beside its file', async () => {
    const outcome = await runHere('sweep', file, '--json', '--workspace', workspace.root);
    expect(outcome.code).toBe(0);
    const lines = jsonLines(outcome);
    const trials = lines.filter(({ event }) => event === 'trial');
    expect(trials).toHaveLength(6);
    expect(trials[1]).toMatchObject({
      model: 'beta-vae',
      beta: 1,
      seed: 1,
      run: whole[1]!.run,
      failure: null,
    });
    expect(lines.at(-1)).toMatchObject({ event: 'done', trials: 6, failed: 0 });
    const out = join(workspace.root, 'sweep');
    expect((await readdir(out)).sort()).toEqual([
      ...['metrics-against-beta.pdf', 'metrics-against-beta.png', 'metrics-against-beta.svg'],
      ...['sweep.csv', 'sweep.md'],
    ]);
    expect(lines.at(-1)!['out']).toBe(out);
    expect((await readFile(join(out, 'sweep.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(7);
    expect(await readFile(join(out, 'metrics-against-beta.svg'), 'utf8')).toContain('>MIG</text>');
  });

  it('compares seeds without labels, and says how well each dimension is found again', async () => {
    const compared = join(workspace.root, 'compared.json');
    const config = { ...description.config, epochs: 8, batchSize: 15, learningRate: 0.002 };
    const models = [{ model: 'beta-vae', beta: 0.1 }];
    await writeFile(compared, JSON.stringify({ ...description, models, config, metrics: ['udr'] }));
    const outcome = await runHere('sweep', compared, '--json', '--workspace', workspace.root);
    expect(outcome.code).toBe(0);
    expect(jsonLines(outcome).at(-1)!['files']).toContain('stability.csv');
    const out = join(workspace.root, 'compared');
    const [head, ...rows] = (await readFile(join(out, 'sweep.csv'), 'utf8')).trimEnd().split('\n');
    const columns = head!.split(',');
    for (const key of ['udr', 'udrLasso', 'stability']) {
      const values = rows.map((row) => Number(row.split(',')[columns.indexOf(key)]));
      expect(values).toHaveLength(2);
      expect(values.every((value) => value > 0 && value <= 1.0001)).toBe(true);
    }
    expect(columns).not.toContain('mig');
    // Two models of three dimensions.
    expect((await readFile(join(out, 'stability.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(7);
    expect(await readFile(join(out, 'sweep.md'), 'utf8')).toMatch(
      /\| UDR \(Spearman\) \|[\s\S]*- β-VAE, β = 0.1, seed 2: z\d 0\.\d\d/,
    );
  });

  it('of latent sizes draws how many are enough, and compares no models of different sizes', async () => {
    const grid = join(workspace.root, 'grid.json');
    const { latentDim: _axis, ...config } = description.config;
    await writeFile(
      grid,
      JSON.stringify({
        ...{ ...description, models: ['ae'], betas: undefined, seeds: [1], metrics: ['udr'], config },
        axes: { latentDim: [2, 4] },
      }),
    );
    const outcome = await runHere('sweep', grid, '--json', '--workspace', workspace.root);
    expect(outcome.code).toBe(0);
    const lines = jsonLines(outcome);
    expect(lines.filter(({ event }) => event === 'trial')[1]).toMatchObject({ axes: { latentDim: 4 } });
    const out = join(workspace.root, 'grid');
    expect((await readdir(out)).sort()).toEqual([
      ...['dimensions.pdf', 'dimensions.png', 'dimensions.svg'],
      ...['pdf', 'png', 'svg'].map((ending) => `metrics-against-latent-dim.${ending}`),
      ...['sweep.csv', 'sweep.md'],
    ]);
    expect(await readFile(join(out, 'dimensions.svg'), 'utf8')).toContain('>Active dimensions</text>');
    expect(await readFile(join(out, 'sweep.md'), 'utf8')).toContain('- AE: ');
    const [head, ...rows] = (await readFile(join(out, 'sweep.csv'), 'utf8')).trimEnd().split('\n');
    expect(head).toMatch(/^model,latentDim,beta,seed,/);
    expect(head).not.toContain('udr');
    expect(rows.map((row) => row.split(',')[1])).toEqual(['2', '4']);
  });

  it('refuses what does not fit its images before it trains', async () => {
    const before = await readdir(workspace.runs);
    const odd = parseSweep({ ...description, axes: { condition: [null, 'no such column'] } }, 'sweep.json');
    await expect(runSweep(workspace, dataset, odd)).rejects.toThrow('no such column');
    expect(await readdir(workspace.runs)).toEqual(before);
  });

  /** Its loss is no number after some steps. */
  const wildModel = { model: 'annealed-vae', gamma: 1e12 };
  it.each([
    ['all', [wildModel], [3, 4], 1],
    ['some', ['ae', wildModel], [3], 0],
  ])('by the command line names the trainings that failed, %s of them', async (_, models, seeds, code) => {
    const wild = join(workspace.root, 'wild.json');
    // Steps large enough that a variance overflows under this weight; an AE has none, and learns.
    const config = { ...description.config, learningRate: 0.03 };
    await writeFile(wild, JSON.stringify({ ...description, config, models, seeds }));
    const outcome = await runHere('sweep', wild, '--json', '--workspace', workspace.root);
    expect(outcome.code).toBe(code);
    const failed = jsonLines(outcome).flatMap(({ event, failure, name }) =>
      event === 'trial' && failure !== null ? [name] : [],
    );
    expect(failed).toHaveLength(code === 1 ? 2 : 1);
    expect(jsonLines(outcome).at(-1)).toMatchObject({
      ...(code === 1 ? { event: 'failed', code: 'diverged' } : { event: 'done' }),
      failed: failed.length,
      failedTrials: failed,
    });
    const { stdout, stderr } = await runHere('sweep', wild, '--workspace', workspace.root);
    for (const name of failed)
      expect(stdout).toContain(`\n${String(name)} is left out: Training diverged at`);
    expect(stderr.includes('All 2 trainings failed: Training diverged at')).toBe(code === 1);
  });
});
