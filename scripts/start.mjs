#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { showTraining, unravel } from './cli.mjs';
import { ensureReady } from './launch.mjs';
import { progressLines } from './setup/progress.mjs';
import { cloneRoot, runScript } from './setup.mjs';

const faces = 3000;
const epochs = 16;

/**
 * `npm start`, until there is a window: draws sample faces, trains a small β-TCVAE on them for about a minute and
 * writes a GIF of what its dimensions have learned. The last line, on standard output, is the GIF's path.
 */
await runScript(async () => {
  await ensureReady();
  const progress = progressLines((text) => process.stderr.write(text));
  const workspace = process.argv.slice(2);

  const { dataset } = await progress.step(`drawing ${faces} faces`, () =>
    unravel(['sample-data', 'faces', '--count', String(faces), ...workspace]),
  );
  // Six times the weight on total correlation, as the literature has it, and the whole penalty a fifth of its size:
  // drawings have no noise, and at full size it costs less to leave a factor out than to encode it.
  const kind = ['--model', 'beta-tcvae', '--alpha', '0.2', '--beta', '1.2', '--gamma', '0.2'];
  const model = [...kind, '--architecture', 'burgess', '--latent', '10', '--lr', '1e-3', '--batch', '32'];
  process.stderr.write('▸ training a β-TCVAE on them\n');
  const { run } = await unravel(
    ['train', dataset, ...model, '--epochs', String(epochs), '--name', 'First steps', ...workspace],
    showTraining(epochs),
  );
  const gif = join(cloneRoot, 'out', 'first-traversal.gif');
  mkdirSync(join(cloneRoot, 'out'), { recursive: true });
  await progress.step('drawing its six most active dimensions, each pulled from −3 to 3', () =>
    unravel(['traverse', run, '--top', '6', '--labels', '--out', gif, ...workspace]),
  );
  process.stdout.write(`${gif}\n`);
});
