import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ElboDecompositionSchema, MetricResultSchema } from '../../src/contract/metrics.ts';
import { writeSafetensors, type AnyTensor } from '../../src/engine/files/safetensors.ts';
import { createRandom } from '../../src/engine/basics/random.ts';
import { jsonLines, lastLine, runHere } from './run-cli.ts';

let folder: string;
let table: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-evaluate-'));
  table = join(folder, 'codes.safetensors');
  const random = createRandom(1);
  const factors = Int32Array.from({ length: 400 * 2 }, () => random.integer(4));
  const codes = Float32Array.from({ length: 400 * 3 }, (_, at) =>
    at % 3 === 2 ? random.normal() : factors[2 * Math.floor(at / 3) + (at % 3)]! + 0.1 * random.normal(),
  );
  const tensors = new Map<string, AnyTensor>([
    ['codes', { shape: [400, 3], data: codes }],
    ['factors', { shape: [400, 2], data: factors }],
  ]);
  await writeSafetensors(table, tensors, { metadata: { factor_names: 'shape,scale' } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('unravel evaluate --table', () => {
  it('reports every requested metric', async () => {
    const outcome = await runHere(
      'evaluate',
      '--table',
      table,
      '--metrics',
      'mig,sapDiscrete,factorVae',
      '--json',
    );
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const done = lastLine(outcome);
    expect(done).toMatchObject({
      event: 'done',
      table,
      images: 400,
      latentDim: 3,
      seed: 0,
      decomposition: null,
    });
    const metrics = v.parse(v.record(v.string(), MetricResultSchema), done['metrics']);
    expect(Object.keys(metrics)).toEqual(['mig', 'sapDiscrete', 'factorVae']);
    expect(metrics['mig']!.value).toBeGreaterThan(0.9);
    expect(metrics['mig']!.shuffled).toBeLessThan(0.1);
    expect(metrics['mig']!.matrix!.columns).toEqual(['shape', 'scale']);
    expect(done['dimensionNames']).toMatchObject([
      { column: 'shape' },
      { column: 'scale' },
      { column: null },
    ]);
  });

  it('shows people the same in a table', async () => {
    const { stdout } = await runHere('evaluate', '--table', table, '--metrics', 'mig,modularity');
    expect(stdout).toMatch(/^Scored 400 codes of 3 dimensions by 2 factors\.\n/);
    expect(stdout).toMatch(/\nmetric +score +95 % interval +shuffled +untrained\n/);
    expect(stdout).toMatch(/\nMIG +0\.9\d\d +0\.\d{3} to \d\.\d{3} +0\.0\d\d +–\n/);
    expect(stdout).toMatch(/\n {2}z0 {2}shape, (1\.9\d|2\.00) bits \((9\d|100) %\)\n/);
  });

  it('reports the same numbers for the same seed', async () => {
    const line = ['evaluate', '--table', table, '--metrics', 'sap-continuous', '--seed', '5', '--json'];
    expect(lastLine(await runHere(...line))).toEqual(lastLine(await runHere(...line)));
  });

  it.each([
    [['--metrics', 'mug'], 'There is no metric mug.'],
    [['--metrics', 'elbo'], "--metrics elbo needs a model's posteriors, and a table has codes only."],
    [['--metrics', ','], '--metrics must name at least one metric.'],
    [['--images', '100'], "Option '--table <file>' cannot be used with option '--images <number>'."],
  ])('refuses %o', async (more, message) => {
    const outcome = await runHere('evaluate', '--table', table, ...more, '--json');
    expect(outcome.code).toBe(2);
    expect(lastLine(outcome)).toMatchObject({ event: 'failed', code: 'usage', message });
  });

  it('refuses a run and a table, neither, and a file that does not exist', async () => {
    expect((await runHere('evaluate', 'first', '--table', table)).stderr).toMatch(
      /^Name a run or a --table, not both/,
    );
    expect((await runHere('evaluate')).stderr).toBe('Name a run, or a file with --table.\n');
    expect((await runHere('evaluate', '--table', `${table}.no`)).stderr).toMatch(/^Could not open /);
  });
});

describe('unravel evaluate <run>', () => {
  it('encodes the images once, scores them by their factors, and decomposes the ELBO', async () => {
    const workspace = join(folder, 'workspace');
    const run = (...argv: string[]) => runHere(...argv, '--workspace', workspace, '--json');
    await run('sample-data', 'faces', '--count', '96');
    const quick = ['--architecture', 'burgess', '--latent', '4', '--batch', '32', '--epochs', '1'];
    await run('train', 'faces', '--model', 'vae', ...quick, '--name', 'tiny');
    const outcome = await run('evaluate', 'tiny', '--metrics', 'mig,dci-lasso,elbo', '--images', '80');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    const done = lastLine(outcome);
    expect(done).toMatchObject({ event: 'done', images: 80, latentDim: 4 });
    const metrics = v.parse(v.record(v.string(), MetricResultSchema), done['metrics']);
    expect(metrics['mig']!.randomEncoder).not.toBeNull();
    expect(metrics['mig']!.matrix!.columns).toContain('sunglasses');
    const elbo = v.parse(ElboDecompositionSchema, done['decomposition']);
    expect(elbo).toMatchObject({ method: 'exact', images: 80, mig: { images: 80 } });
    expect(elbo.reconstruction).toBeGreaterThan(0);
    expect(elbo.mutualInformation.value).toBeLessThanOrEqual(Math.log(80) + 1e-6);
    expect(
      jsonLines(outcome)
        .slice(0, -1)
        .every(({ event }) => event === 'progress'),
    ).toBe(true);
  });
});
