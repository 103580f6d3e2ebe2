#!/usr/bin/env node
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { showTraining, unravel } from './cli.mjs';
import { ensureReady } from './launch.mjs';
import { progressLines } from './setup/progress.mjs';
import { removeFolder } from './setup/remove.mjs';
import { cloneRoot, runScript } from './setup.mjs';
import { parseJson } from './setup/json.mjs';

const faces = 20_000;
const epochs = 40;
// scripts/start.mjs says why these weights.
const kind = ['--model', 'beta-tcvae', '--alpha', '0.2', '--beta', '1.2', '--gamma', '0.2'];
const size = ['--architecture', 'burgess', '--latent', '10', '--batch', '64'];
const pace = ['--epochs', String(epochs), '--lr', '1e-3', '--seed', '1'];

/**
 * `npm run starter`: makes resources/starter again, what a newcomer sees first: the model, its data set (of which
 * nothing is stored, because the faces are drawn when they are looked at), the codes of all its faces, and the
 * picture of it in docs. About a quarter of an hour on two cores; on the same machine the weights are the same, bit for bit.
 */
await runScript(async () => {
  await ensureReady();
  const progress = progressLines((text) => process.stderr.write(text));
  const workspace = await mkdtemp(join(tmpdir(), 'unravel-starter-'));
  const there = ['--workspace', workspace];
  try {
    const { dataset } = await progress.step(`drawing ${faces} faces`, () =>
      unravel([
        ...['sample-data', 'faces', '--count', String(faces), '--seed', '1'],
        ...['--name', 'Sample faces', ...there],
      ]),
    );
    process.stderr.write('▸ training the starter model\n');
    const { run } = await unravel(
      ['train', dataset, ...kind, ...size, ...pace, '--name', 'Starter', ...there],
      showTraining(epochs),
    );
    const starter = join(cloneRoot, 'resources', 'starter');
    await removeFolder(starter);
    await unravel(['export-model', run, '--half', '--codes', '--out', starter, ...there]);
    const info = /** @type {object} */ (
      parseJson(await readFile(join(workspace, 'datasets', dataset, 'dataset.json'), 'utf8'))
    );
    const drawn = JSON.stringify({ ...info, isDrawn: true }, undefined, 2);
    await writeFile(join(starter, 'dataset.json'), `${drawn}\n`);
    const gif = join(cloneRoot, 'docs', 'starter-traversal.gif');
    const figure = [
      '--index',
      '9142',
      '--top',
      '9',
      '--labels',
      '--range',
      '2',
      '--size',
      '128',
      '--ping-pong',
      '--out',
      gif,
    ];
    await unravel(['traverse', run, ...figure, ...there]);
    process.stdout.write(`${starter}\n`);
  } finally {
    await removeFolder(workspace);
  }
});
