import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DimensionNameSchema, MetricResultSchema } from '../../src/contract/metrics.ts';
import { FiguresRecipeSchema } from '../../src/contract/figures.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import { readEvaluation } from '../../src/engine/evaluation/stored-evaluations.ts';
import { evaluateJob } from '../../src/engine/jobs/evaluate-job.ts';
import { lastLine, runHere, type Outcome } from './run-cli.ts';

let workspace: string;
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', workspace);
const quick = ['--architecture', 'burgess', '--latent', '4', '--batch', '32', '--epochs', '1'];
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'unravel-axes-'));
  expect(await run('sample-data', 'faces', '--count', '160', '--name', 'faces')).toMatchObject({ code: 0 });
  expect(await run('train', 'faces', '--model', 'ae', ...quick, '--name', 'first')).toMatchObject({
    code: 0,
  });
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

const Scores = v.record(v.string(), MetricResultSchema);

describe('unravel axes', () => {
  it('asks for axes before it traverses them', async () => {
    const out = join(workspace, 'early.gif');
    const outcome = await run('traverse', 'first', '--axes', '--out', out);
    expect(outcome).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has no axes.*\n.*unravel axes first-/) as string,
    });
    expect(existsSync(out)).toBe(false);
  });

  it('names axes, and measures them beside the dimensions on the same images', async () => {
    const done = lastLine(await run('axes', 'first', '--metrics', 'mig,infoM', '--json'));
    const axes = v.parse(v.array(DimensionNameSchema), done['axes']);
    expect(axes.length).toBeGreaterThan(1);
    expect(axes.length).toBeLessThanOrEqual(4);
    const { dimensions, axes: ofAxes } = v.parse(
      v.object({ dimensions: Scores, axes: Scores }),
      done['metrics'],
    );
    expect(Object.keys(dimensions)).toEqual(['mig', 'infoM']);
    expect(Object.keys(ofAxes)).toEqual(['mig', 'infoM']);
    expect(ofAxes['mig']!.matrix!.rows).toHaveLength(axes.length);
    expect(ofAxes['mig']!.samples).toEqual(dimensions['mig']!.samples);
    expect(ofAxes['mig']!.value).not.toBe(dimensions['mig']!.value);
    const { stdout } = await run('axes', 'first', '--metrics', 'mig');
    expect(stdout).toMatch(/metric +dimensions +axes\nMIG +0\.\d{3} +0\.\d{3}/);
  });

  it('are traversed in a GIF and a strip', async () => {
    for (const name of ['axes.gif', 'axes.png']) {
      const out = join(workspace, name);
      const done = lastLine(
        await run(
          'traverse',
          'first',
          '--axes',
          '--dims',
          '1,0',
          '--labels',
          '--frames',
          '3',
          '--out',
          out,
          '--json',
        ),
      );
      expect(done).toMatchObject({ axes: [1, 0], frames: 3 });
      expect(existsSync(out)).toBe(true);
    }
    const wrong = await run('traverse', 'first', '--axes', '--dims', '9', '--out', join(workspace, 'no.gif'));
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('axes') as string });
  });

  it('are measured by the job that measures the dimensions, and drawn in a figure', async () => {
    const [id] = await readdir(join(workspace, 'runs')).then((all) =>
      all.filter((one) => one.startsWith('first')),
    );
    const [dataset] = await readdir(join(workspace, 'datasets')).then((all) =>
      all.filter((one) => one.startsWith('faces')),
    );
    const context = {
      workspace: openWorkspace(workspace),
      signal: new AbortController().signal,
      report: () => undefined,
    };
    await evaluateJob(context, { kind: 'evaluate', run: id!, dataset: dataset!, seed: 0, metrics: ['mig'] });
    const stored = await readEvaluation(join(workspace, 'runs', id!), dataset!);
    expect(stored?.axes?.metrics['mig']?.value).not.toBe(stored?.evaluation?.metrics['mig']?.value);
    expect(stored?.axes?.metrics['mig']?.matrix?.rows[0]).toBe('a0');
    // The command line measures both too.
    const done = lastLine(await run('evaluate', 'first', '--metrics', 'mig', '--json'));
    expect(v.parse(Scores, done['axes'])['mig']!.value).toBe(stored!.axes!.metrics['mig']!.value);
    const out = join(workspace, 'figures');
    const drawn = await run(
      'figures',
      'first',
      '--axes',
      '--only',
      'traversals',
      '--features',
      'axis one=first:1',
      '--out',
      out,
    );
    expect(drawn).toMatchObject({ code: 0 });
    const recipe = v.parse(FiguresRecipeSchema, JSON.parse(await readFile(join(out, 'recipe.json'), 'utf8')));
    expect(recipe.traversals?.features[0]?.cells[0]?.direction).toHaveLength(4);
    expect(
      await run('figures', '--recipe', join(out, 'recipe.json'), '--out', join(workspace, 'again')),
    ).toMatchObject({ code: 0 });
    const pngs = (await readdir(out)).filter((name) => name.endsWith('.png'));
    for (const name of pngs) {
      expect(await readFile(join(workspace, 'again', name))).toEqual(await readFile(join(out, name)));
    }
    expect(pngs).toHaveLength(1);
  });

  it('refuse a metric that there is not, and a damaged file in words', async () => {
    expect((await run('axes', 'first', '--metrics', 'mgi')).stderr).toMatch(/^There is no metric mgi/);
    const [id] = await readdir(join(workspace, 'runs')).then((all) =>
      all.filter((one) => one.startsWith('first')),
    );
    const folder = join(workspace, 'runs', id!, 'axes');
    const [file] = await readdir(folder);
    await truncate(join(folder, file!), 200);
    const outcome = await run('traverse', 'first', '--axes', '--out', join(workspace, 'no.gif'));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(file);
  });
});
