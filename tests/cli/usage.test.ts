import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { jsonLines, runHere, startCli } from './run-cli.ts';

function commandPaths(command: Command, above: readonly string[] = []): string[][] {
  return command.commands.flatMap((child) => {
    const path = [...above, child.name()];
    return [path, ...commandPaths(child, path)];
  });
}

const silent = { stdout: { write: () => true }, stderr: { write: () => true } };
const paths = commandPaths(buildProgram(silent, () => Promise.resolve()));

describe('help', () => {
  it('exists for every command', () => {
    const names = paths.map((path) => path.join(' '));
    expect(names).toEqual(
      expect.arrayContaining([
        ...[
          'import',
          'data',
          'data list',
          'data show',
          'data remove',
          'sample-data faces',
          'sample-data sprites',
        ],
        ...['train', 'resume', 'runs', 'runs list', 'runs show', 'runs remove', 'import-model', 'doctor'],
        ...['encode', 'decode', 'traverse', 'sample', 'reconstruct', 'interpolate'],
      ]),
    );
  });

  it.each(paths.map((path) => path.join(' ')))(
    '%s shows an example that begins with its name',
    async (name) => {
      const { code, stdout, stderr } = await runHere(...name.split(' '), '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      // Listing is what `data` and `runs` do by themselves.
      expect(stdout).toContain(`\n  $ unravel ${name.replace(' list', '')}`);
    },
  );

  it('names --workspace and --json for every command without sub-commands', async () => {
    for (const path of paths.filter((one) => !['data', 'runs', 'sample-data'].includes(one.join(' ')))) {
      const { stdout } = await runHere(...path, '--help');
      expect(stdout, path.join(' ')).toMatch(/--workspace <folder>[\s\S]*--json/);
    }
  });
});

describe('wrong usage', () => {
  it.each([
    [['trane'], "Unknown command 'trane'.\nDid you mean train?\n"],
    [
      ['train', 'faces'],
      'Name a goal or a model.\nUse --goal quick, which chooses the settings for the images, or --model vae.\n',
    ],
    [['resume'], "Missing required argument 'run'.\nAdd --help to see the options of the command.\n"],
    [['runs', '--wat'], "Unknown option '--wat'.\nAdd --help to see the options of the command.\n"],
    [
      ['train', 'faces', '--model', 'vae', '--latent', '12abc'],
      "Option '--latent <dimensions>' argument '12abc' is invalid. It must be a whole number.\nAdd --help to see the options of the command.\n",
    ],
    [['train', 'faces', '--model', 'vae', '--batch', '1'], '--batch must be at least 2.\n'],
    [
      ['traverse', 'x', '--prior', '--index', '3', '--out', 'x.gif'],
      "Option '--index <image>' cannot be used with option '--prior'.\nAdd --help to see the options of the command.\n",
    ],
    [
      ['traverse', 'x', '--dims', '1', '--top', '3', '--out', 'x.gif'],
      "Option '--dims <list>' cannot be used with option '--top <number>'.\nAdd --help to see the options of the command.\n",
    ],
    [['traverse', 'x', '--out', 'x.mp4'], '--out x.mp4 must end in .gif or .png.\n'],
    [['sample', 'x', '--out', 'x.gif'], '--out x.gif must end in .png.\n'],
    [
      ['encode', 'x', '--images', 'y', '--out', 'z.txt'],
      '--out z.txt must end in .csv, .npy, .safetensors, .parquet or .h5ad.\n',
    ],
  ])('%o ends with exit code 2 and a message', async (argv, stderr) => {
    expect(await runHere(...argv)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('shows the help for no command at all', async () => {
    const { code, stderr } = await runHere();
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: unravel');
  });

  it('is one final line with --json, whether the parser or the command reports it', async () => {
    for (const argv of [
      ['trane'],
      ['train', 'faces', '--model', 'vae', '--latent', '0'],
      ['runs', '--wat'],
    ]) {
      const outcome = await runHere(...argv, '--json');
      expect(outcome).toMatchObject({ code: 2, stderr: '' });
      const lines = jsonLines(outcome);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ event: 'failed', code: 'usage' });
    }
  });
});

describe('the built command line', () => {
  /** Prints which of TensorFlow's libraries the process has loaded. */
  const after =
    'process.stderr.write(JSON.stringify(process.report.getReport().sharedObjects.filter((name) => /tensorflow|tfjs/.test(name))))';

  it.each(['--help', 'runs', 'data', 'train x --model vae'])(
    'does not load TensorFlow for %s',
    async (line) => {
      const { stderr } = await startCli(line.split(' '), { after, env: { UNRAVEL_WORKSPACE: '/nowhere' } })
        .ended;
      expect(stderr).toMatch(/\[\]$/);
    },
  );

  it('loads TensorFlow where it is needed, which this check detects', async () => {
    expect((await startCli(['doctor'], { after }).ended).stderr).toMatch(/libtensorflow[^[]*\]$/);
  });

  it('prints the version of the package', async () => {
    const { code, stdout } = await startCli(['--version']).ended;
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 0, stdout: '0.1.0' });
  });

  it('ends without an error when its reader closes the output', async () => {
    const { ended } = startCli(['train', '--help'], { onOutput: (_, child) => child.stdout?.destroy() });
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});
