import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lastLine, runHere, type Outcome } from './run-cli.ts';

let folder: string;
const at = (name: string): string => join(folder, name);
const run = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', at('workspace'));

const conv = { kind: 'conv', kernel: 4, stride: 2, filters: 8, activation: 'silu' };
const own = {
  name: 'small blocks',
  encoder: [conv, conv, { kind: 'residual', layers: [{ ...conv, kernel: 3, stride: 1, batchNorm: true }] }],
  decoder: [
    { kind: 'dense', units: 2048, activation: 'relu' },
    { kind: 'reshape', to: [16, 16, 8] },
    { kind: 'upsample', factor: 4 },
    { kind: 'conv', kernel: 3, filters: 'channels' },
  ],
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-own-architecture-'));
  await run('sample-data', 'faces', '--count', '40', '--name', 'faces');
  await writeFile(at('own.json'), JSON.stringify(own));
  await writeFile(at('bad.json'), JSON.stringify({ ...own, encoder: [{ kind: 'conv', filters: 8 }] }));
  await writeFile(at('large.json'), JSON.stringify({ ...own, decoder: own.decoder.slice(0, 2) }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const training = ['train', 'faces', '--model', 'vae', '--epochs', '1', '--batch', '16', '--latent', '3'];

describe('an architecture in a file', () => {
  it('is planned, trained, resumed and decoded like any other', async () => {
    const dry = await run(...training, '--architecture', at('own.json'), '--dry-run');
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toMatch(/Encoder of small blocks.*\n {2}conv +32×32×8 +392\n/);
    expect(dry.stdout).toMatch(/A step of 16 images takes [\d,]+ ms here: [\d,]+ images a second\./);
    expect(dry.stdout).toContain('Nothing was trained.');
    expect(await readdir(at('workspace/runs')).catch(() => [])).toEqual([]);

    const trained = await run(...training, '--architecture', at('own.json'), '--name', 'mine');
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stdout).toContain('It has the small blocks architecture');
    const further = lastLine(await run('resume', 'mine', '--epochs', '2', '--lr', '0.001', '--json'));
    expect(further).toMatchObject({ event: 'done' });
    const sheet = await run('sample', 'mine', '--out', at('samples.png'));
    expect(sheet.code, sheet.stderr).toBe(0);
    const shown = await run('runs', 'show', 'mine');
    expect(shown.stdout).toContain('2 epochs');
    expect(shown.stdout).toMatch(/Before +1 epoch at 0\.0001/);
  });

  it('says with --json what a training would be', async () => {
    const done = lastLine(await run(...training, '--architecture', 'burgess', '--dry-run', '--json'));
    const [planned] = done['trainings'] as Record<string, number>[];
    expect(planned).toMatchObject({ parameters: 498_665 });
    // The greatest part is that of 16×16 pixels: twice 16·16 · 4·4 · 32 · 32.
    expect(planned!['multiplications']).toBeGreaterThan(2 * 4_194_304);
    expect(planned!['secondsPerStep']).toBeGreaterThan(0);
  });

  it.each([
    ['bad.json', 'it does not describe an architecture: encoder.0.kernel is missing'],
    ['large.json', 'its decoder ends with 16×16×8, and the images are 64×64×3'],
    ['missing.json', 'missing.json'],
  ])('%s is refused by name, and leaves no run', async (name, message) => {
    const before = await readdir(at('workspace/runs'));
    const outcome = await run(...training, '--architecture', at(name));
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain(message);
    expect(await readdir(at('workspace/runs'))).toEqual(before);
  });

  it('is asked for where a name is unknown', async () => {
    const outcome = await run(...training, '--architecture', 'papr');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('There is no architecture papr');
    expect(outcome.stderr).toContain('paper, burgess or residual, or a JSON file');
  });
});
