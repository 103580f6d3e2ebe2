import { mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { unravel } from '../cli.mjs';
import { carriedTable } from './carried-table.mjs';
import { writeMeasuredLabels } from './measured-labels.mjs';
import { listDatasets, say } from '../workspace.mjs';
import { SetupError } from '../setup/failure.mjs';
import { removeFolder } from '../setup/remove.mjs';
import { cloneRoot } from '../setup.mjs';

/**
 * @typedef {object} Comparison
 * @property {string} key - of its file in experiments, and of its folder of results
 * @property {string} only - which figures
 * @property {string} [features] - of which labels figures are drawn; the best known ones if left out
 */

/**
 * Of CelebA no photographs are kept, so no figure that shows the originals.
 *
 * @type {Comparison}
 */
const celeba = {
  key: 'celeba',
  only: 'samples,traversals,explore',
  features: 'Eyeglasses,Bald,Smiling,Face_Turn,Background_Brightness',
};
/** @type {Comparison} */
const faces = { key: 'faces', only: 'samples,traversals,reconstructions,explore' };

/**
 * The paper's four models on CelebA and on drawn faces.
 *
 * @param {string[]} argv
 * @param {string} usage
 */
export async function repeatPaper(argv, usage) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { workspace: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals.length > 1) return void process.stdout.write(`${usage}\n`);
  const workspace = resolve(values.workspace ?? join(cloneRoot, 'experiments', 'workspace'));
  const out = resolve(values.out ?? join(cloneRoot, 'docs', 'experiment'));
  const known = new Set((await listDatasets(workspace)).map(({ name }) => name));
  if (positionals[0] !== undefined) {
    if (!known.has('CelebA')) await importCelebA(resolve(positionals[0]), workspace);
    await repeat(celeba, workspace, out);
  }
  if (!known.has('Sample faces')) await drawFaces(workspace);
  await repeat(faces, workspace, out);
}

/**
 * Imported twice: to measure the images, and then with what was measured beside the attributes.
 *
 * @param {string} folder - with its list_attr_celeba.txt
 * @param {string} workspace
 */
async function importCelebA(folder, workspace) {
  const attributes = join(folder, 'list_attr_celeba.txt');
  await stat(attributes).catch(() => {
    throw new SetupError('no-file', `There is no list_attr_celeba.txt in ${folder}.`);
  });
  const temporary = await mkdtemp(join(tmpdir(), 'unravel-experiment-'));
  try {
    say('measuring backgrounds and turns');
    const { dataset } = await unravel(['import', folder, '--name', 'CelebA', '--workspace', temporary]);
    const labels = join(temporary, 'labels.csv');
    await writeMeasuredLabels(join(temporary, 'datasets', dataset), attributes, labels);
    say('importing CelebA');
    await unravel(['import', folder, ...['--name', 'CelebA', '--labels', labels, '--workspace', workspace]]);
  } finally {
    await removeFolder(temporary);
  }
}

/** @param {string} workspace */
async function drawFaces(workspace) {
  say('drawing faces');
  const drawn = ['--count', '10000', '--seed', '1', '--name', 'Sample faces'];
  await unravel(['sample-data', 'faces', ...drawn, '--workspace', workspace]);
}

/**
 * A line for each model that is done, and for each warning.
 *
 * @param {import('../cli.mjs').CliEvent} event - of the command `sweep`
 */
function showSweep(event) {
  if (event.event === 'trial') process.stderr.write(`  ${event.name}: trained and measured\n`);
  if (event.event === 'warning') process.stderr.write(`  ${event.message}\n`);
}

/**
 * One sweep, its tables and plots, and the figures of its first seed.
 *
 * @param {Comparison} comparison
 * @param {string} workspace
 * @param {string} out
 */
async function repeat({ key, only, features }, workspace, out) {
  const there = ['--workspace', workspace];
  const folder = join(out, key);
  await mkdir(folder, { recursive: true });
  say(`training and measuring: experiments/${key}.json`);
  /** @type {import('../cli.mjs').Trial[]} */
  const trials = [];
  const sweep = join(cloneRoot, 'experiments', `${key}.json`);
  await unravel(['sweep', sweep, '--out', folder, ...there], (event) => {
    if (event.event === 'trial') trials.push(event);
    showSweep(event);
  });
  const first = trials.filter(({ seed, failure }) => seed === trials[0]?.seed && failure === null);
  say('looking for what single dimensions carry');
  const models = [];
  for (const { run, title, beta } of first) {
    const { metrics } = await unravel(['evaluate', run, '--metrics', 'mig', '--only-values', ...there]);
    models.push({ title, beta, mig: metrics.mig });
  }
  await writeFile(join(folder, 'carried.md'), carriedTable(models));
  say('drawing figures');
  const chosen = features === undefined ? [] : ['--features', features];
  const runs = first.map(({ run }) => run);
  await unravel(['figures', ...runs, '--only', only, ...chosen, '--out', folder, ...there]);
}
