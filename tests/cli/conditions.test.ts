import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceFactors } from '../../src/engine/synthetic/faces.ts';
import { lastLine, runHere } from './run-cli.ts';

const SUNGLASSES = 4;

let folder: string;
const unravel = (...argv: string[]) => runHere(...argv, '--workspace', folder);
const small = ['--architecture', 'burgess', '--latent', '4', '--epochs', '1', '--batch', '16'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-conditions-'));
  await unravel('sample-data', 'faces', '--count', '60');
  await unravel(
    ...['train', 'faces', '--model', 'vae', '--condition', 'sunglasses', '--decoder', 'bernoulli'],
    ...['--name', 'told', ...small],
  );
  await unravel('train', 'faces', '--model', 'vae', '--name', 'untold', ...small);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a conditional model', () => {
  it('shows its condition and its decoder', async () => {
    const { stdout } = await unravel('runs', 'show', 'told');
    expect(stdout).toMatch(/a Bernoulli decoder, given sunglasses/);
  });

  it('draws other images for each condition, and uses the most frequent one by default', async () => {
    const draw = async (name: string, ...more: string[]): Promise<Buffer> => {
      const out = join(folder, `${name}.png`);
      const { code, stderr } = await unravel('sample', 'told', '--count', '4', '--out', out, ...more);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return readFile(out);
    };
    const [yes, no] = [await draw('yes', '--condition', 'yes'), await draw('no', '--condition', 'no')];
    expect(yes.equals(no)).toBe(false);
    const usual = await draw('usual');
    expect(usual.equals(yes) || usual.equals(no)).toBe(true);
  });

  it("traverses with the image's own condition, or the given one", async () => {
    const draw = async (name: string, ...more: string[]): Promise<Buffer> => {
      const out = join(folder, `${name}.png`);
      const { code } = await unravel('traverse', 'told', '--index', '3', '--out', out, ...more);
      expect(code).toBe(0);
      return readFile(out);
    };
    const own = await draw('own');
    const [yes, no] = [await draw('with', '--condition', 'yes'), await draw('without', '--condition', 'no')];
    expect(yes.equals(no)).toBe(false);
    expect(own.equals(yes) || own.equals(no)).toBe(true);
  });

  it('reports the condition in JSON', async () => {
    const told = async (command: string, name: string, ...more: string[]) => {
      const out = join(folder, 'told.png');
      return lastLine(await unravel(command, name, '--out', out, '--json', ...more));
    };
    const own = faceFactors(0, 3)[SUNGLASSES];
    expect(await told('traverse', 'told', '--index', '3')).toMatchObject({ condition: own });
    for (const command of ['traverse', 'sample']) {
      expect(await told(command, 'told', '--condition', 'yes')).toMatchObject({ condition: 1 });
    }
    const between = ['--from', '3', '--to', '5'];
    expect(await told('interpolate', 'told', ...between)).toMatchObject({ condition: own });
    expect(await told('interpolate', 'told', ...between, '--condition', 'no')).toMatchObject({
      condition: 0,
    });
    expect(await told('traverse', 'untold', '--index', '3')).not.toHaveProperty('condition');
  });

  it.each([
    ['told', 'perhaps', '--condition cannot be perhaps.', 'sunglasses is yes or no.'],
    ['untold', 'yes', 'The model takes no condition.', 'Leave --condition out'],
  ])('%s refuses %s', async (run, condition, message, hint) => {
    const out = join(folder, 'never.png');
    const { code, stderr } = await unravel('sample', run, '--out', out, '--condition', condition);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  it('is not trained on a column that does not exist', async () => {
    const { code, stderr } = await unravel(
      'train',
      'faces',
      '--model',
      'vae',
      '--condition',
      'sunglass',
      ...small,
    );
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const wrong = await unravel('train', 'faces', '--model', 'vae', '--condition', 'smiles', ...small);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('There is no column smiles.');
    expect(wrong.stderr).toContain('Did you mean smile?');
  });
});

describe('unravel sharpness', () => {
  it('measures samples, images and reconstructions, each with its interval', async () => {
    const outcome = await unravel('sharpness', 'untold', '--count', '40', '--json');
    const { samples, images, reconstructions } = lastLine(outcome) as Record<
      string,
      { value: number; low: number; high: number; images: number }
    >;
    for (const measured of [samples!, images!, reconstructions!]) {
      expect(measured.low).toBeLessThanOrEqual(measured.value);
      expect(measured.high).toBeGreaterThanOrEqual(measured.value);
    }
    expect(samples!.images).toBe(40);
    // An untrained model's pictures have no edges.
    expect(images!.low).toBeGreaterThan(10 * samples!.high);
  });
});
