import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DimensionNameSchema, MetricResultSchema } from '../../src/contract/metrics.ts';
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
