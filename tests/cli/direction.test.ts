import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastLine, runHere, type Outcome } from './run-cli.ts';

let workspace: string;
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', workspace);
const quick = ['--architecture', 'burgess', '--latent', '4', '--batch', '32', '--epochs', '1'];
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'unravel-direction-'));
  for (const [name, count] of [
    ['faces', '400'],
    ['others', '60'],
  ] as const) {
    expect(await run('sample-data', 'faces', '--count', count, '--name', name)).toMatchObject({ code: 0 });
  }
  expect(await run('train', 'faces', '--model', 'ae', ...quick, '--name', 'first')).toMatchObject({
    code: 0,
  });
});
afterAll(() => rm(workspace, { recursive: true, force: true }));

describe('unravel direction', () => {
  it('says that a run has none, and which names there are where one is wanted', async () => {
    expect((await run('direction', 'first')).stdout).toMatch(/has no directions yet/);
    const out = join(workspace, 'none.png');
    expect(await run('traverse', 'first', '--direction', 'x', '--out', out)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/has no directions.*\n.*Find a direction of a label first/) as string,
    });
    expect(existsSync(out)).toBe(false);
  });

  it('finds them from the training images, tests them on those held out, and keeps them', async () => {
    const done = lastLine(await run('direction', 'first', '--label', 'sunglasses', '--json'));
    expect(done).toMatchObject({
      ...{ event: 'done', direction: 'sunglasses', label: 'sunglasses', kind: 'classifier' },
      ...{ train: 380, test: 20 },
    });
    expect(done['auc']).toBeGreaterThanOrEqual(0);
    const number = lastLine(
      await run(
        'direction',
        'first',
        '--label',
        'hair length',
        '--against',
        'sunglasses',
        '--name',
        'hair',
        '--json',
      ),
    );
    expect(number).toMatchObject({ direction: 'hair', label: 'hair length', test: 20 });
    expect(number).toHaveProperty('r2');
    const { stdout } = await run('direction', 'first');
    expect(stdout).toMatch(/hair +R² .*\nsunglasses +AUC .* on 20 images/);
  });

  it('tests them on another data set', async () => {
    const options = ['--label', 'sunglasses', '--kind', 'difference', '--test', 'others', '--json'];
    expect(lastLine(await run('direction', 'first', ...options))).toMatchObject({
      ...{ kind: 'difference', train: 400, test: 60 },
    });
  });

  it('replaces one of the same name, and says so; a damaged file keeps no other from being used', async () => {
    const { stdout } = await run('direction', 'first', '--label', 'beard', '--name', 'Hair');
    expect(stdout).toContain('takes the place of the earlier direction');
    const [folder] = await readdir(join(workspace, 'runs'));
    const kept = join(workspace, 'runs', folder!, 'directions');
    await writeFile(join(kept, 'broken.json'), '{');
    const listed = await run('direction', 'first');
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain('sunglasses');
    expect(listed.stderr).toMatch(/broken\.json.*Remove the file/);
  });

  it('are traversed by their names', async () => {
    const out = join(workspace, 'directions.png');
    const done = lastLine(
      await run(
        'traverse',
        'first',
        '--direction',
        'Hair, sunglasses',
        '--frames',
        '3',
        '--out',
        out,
        '--json',
      ),
    );
    expect(done).toMatchObject({ directions: ['Hair', 'sunglasses'], frames: 3 });
    expect(existsSync(out)).toBe(true);
  });

  it.each([
    [['--label', 'hair lenth'], /hair length/],
    [['--label', 'sunglasses', '--against', 'sunglasses'], /Nothing is left of sunglasses/],
    [['--label', 'hair length', '--kind', 'difference'], /is a number/],
    [['--label', 'sunglasses=maybe'], /no value “maybe”/],
    [['--label', 'sunglasses', '--name', '  '], /from 1 to 200 characters/],
    [['--label', 'sunglasses', '--test', 'faces'], /tested on the images that it is computed from/],
    [['--label', 'sunglasses', '--equal', 'sunglasses'], /cannot be matched with itself/],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await run('direction', 'first', ...options);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});
