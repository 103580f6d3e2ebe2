import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerToy } from '../fixtures/toy-objective.ts';
import { jsonLines, lastLine, runHere, type Outcome } from './run-cli.ts';

let folder: string;
let unregister: () => void;
const unravel = (...argv: string[]): Promise<Outcome> => runHere(...argv, '--workspace', folder);
const small = ['--architecture', 'burgess', '--latent', '4', '--epochs', '1', '--batch', '16'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-new-objective-'));
  unregister = registerToy();
  await unravel('sample-data', 'faces', '--count', '60');
});
afterAll(async () => {
  unregister();
  await rm(folder, { recursive: true, force: true });
});

describe('an objective that was registered', () => {
  it('is trained from the command line with its penalty and its weight', async () => {
    const outcome = await unravel(
      ...['train', 'faces', '--model', 'toy-vae', '--mean-pull', '2', '--name', 'toy', '--json', ...small],
    );
    expect(lastLine(outcome)).toMatchObject({ event: 'done' });
    const steps = jsonLines(outcome).filter(({ event }) => event === 'step') as unknown as {
      loss: { total: number; terms: Record<string, number> };
    }[];
    expect(steps.length).toBeGreaterThan(1);
    for (const { loss } of steps) {
      const { reconstruction, kl, meanSquare } = loss.terms as Record<
        'reconstruction' | 'kl' | 'meanSquare',
        number
      >;
      expect(meanSquare).toBeGreaterThan(0);
      expect(loss.total).toBeCloseTo(reconstruction + kl + 2 * meanSquare, 3);
    }
    const { run } = lastLine(outcome);
    const saved = JSON.parse(await readFile(join(folder, 'runs', String(run), 'run.json'), 'utf8')) as {
      config: { objective: unknown };
    };
    expect(saved.config.objective).toEqual({ model: 'toy-vae', meanPull: 2 });
    expect((await unravel('runs', 'show', 'toy')).stdout).toContain('Toy VAE (ρ 2)');
  });

  it('has its option in the help, with its meaning and its default', async () => {
    const { stdout } = await unravel('train', '--help');
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('--mean-pull <weight> weight of the squared means (toy-vae: 0.25)');
    expect(text).toContain('"toy-vae"');
  });

  it.each([
    [['toy-vae', '--mean-pull', '51'], '--mean-pull must be at most 50.'],
    [['toy-vae', '--mean-pull', '13'], "Toy VAE's meanPull must not be 13."],
    [['toy-vae', '--beta', '2'], 'Toy VAE has no weight beta.'],
    [['vae', '--mean-pull', '2'], 'VAE has no weight meanPull.'],
  ])('is refused as %s by its own rules', async (model, message) => {
    const { code, stderr } = await unravel('train', 'faces', '--model', ...model, ...small);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('is refused in a sweep outside its own range', async () => {
    const file = join(folder, 'sweep.json');
    await writeFile(
      file,
      JSON.stringify({
        dataset: 'faces',
        models: [{ model: 'toy-vae', meanPull: 60 }],
        config: { architecture: 'burgess' },
      }),
    );
    const { code, stderr } = await unravel('sweep', file);
    expect(stderr).toContain("Toy VAE's meanPull must be a number from 0 to 50, not 60.");
    expect(code).toBe(1);
  });

  it('is unknown again after it was removed', async () => {
    unregister();
    try {
      const { code, stderr } = await unravel('train', 'faces', '--model', 'toy-vae', ...small);
      expect(stderr).toContain("argument 'toy-vae' is invalid");
      expect(code).toBe(2);
      expect((await unravel('train', '--help')).stdout).not.toContain('--mean-pull');
    } finally {
      unregister = registerToy();
    }
  });
});
