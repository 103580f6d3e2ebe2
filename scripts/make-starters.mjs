#!/usr/bin/env node
import { cp, mkdir, mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { showTraining, unravel } from './cli.mjs';
import { ensureReady } from './launch.mjs';
import { goToPersonsFolder } from './setup/person-folder.mjs';
import { parseJson } from './setup/json.mjs';
import { SetupError } from './setup/failure.mjs';
import { removeFolder } from './setup/remove.mjs';
import { cloneRoot, runScript } from './setup.mjs';
import { FACES, STARTERS } from './starters/models.mjs';
import { reportStarters } from './starters/report.mjs';
import { nextStep } from './starters/settings.mjs';
import { thinHistory } from './starters/thin-history.mjs';
import { listDatasets, listRuns, say } from './workspace.mjs';

const usage = `npm run starters [-- <options>]

Trains, measures and packs the models of the first launch into resources/starters, then measures what was packed and
writes docs/starters.md. Hours on two cores. Stopped and started again, it goes on where it was; a model with more epochs
than before is trained further.

  --only <list>          only these, by folder: 5-starter
  --pack                 train nothing: pack the models that are in the workspace
  --report               only measure what is in resources/starters, and write docs/starters.md
  --workspace <folder>   where they are trained (default: experiments/starters); remove it to begin anew, as with other
                         settings`;

/** @typedef {import('./workspace.mjs').RunLine} RunLine */

/** Snapshots that each model of the gallery keeps. */
const SNAPSHOTS = 4;
/** What Measure shows at once; the other metrics take many minutes each. */
const METRICS = 'mig,sapContinuous,modularity,infoM,infoC';
const GALLERY = join(cloneRoot, 'resources', 'starters');

/** `npm run starters`: makes the gallery of the first launch again. */
await runScript(async () => {
  goToPersonsFolder(cloneRoot);
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      pack: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
      workspace: { type: 'string', default: join(cloneRoot, 'experiments', 'starters') },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${usage}\n`);
  await ensureReady();
  if (!values.report) {
    const workspace = resolve(values.workspace);
    const only = values.only?.split(',');
    const dataset = await findFaces(workspace);
    const chosen = STARTERS.filter(({ folder }) => !only || only.includes(folder));
    if (!values.pack) {
      const tasks = [];
      for (const starter of chosen) tasks.push(await plan(starter, dataset, workspace));
      for (const task of tasks) await train(task, workspace);
      for (const starter of chosen) await measure(starter, dataset, workspace);
    }
    for (const starter of chosen) await pack(starter, dataset, workspace);
    await inOrder();
  }
  await reportStarters(join(cloneRoot, 'docs', 'starters.md'));
});

/**
 * The id of the sample faces, which are drawn where they are not there yet.
 *
 * @param {string} workspace
 */
async function findFaces(workspace) {
  const found = (await listDatasets(workspace)).find(({ name }) => name === FACES.name);
  if (found) return found.id;
  say(`drawing ${FACES.count} faces`);
  const { dataset } = await unravel([
    ...['sample-data', 'faces', '--count', String(FACES.count), '--seed', String(FACES.seed)],
    ...['--size', String(FACES.size), '--name', FACES.name, '--workspace', workspace],
  ]);
  return dataset;
}

/**
 * The newest run of a name.
 *
 * @param {string} name
 * @param {string} workspace
 */
async function findRun(name, workspace) {
  return (await listRuns(workspace)).find((run) => run.name === name);
}

/**
 * What `unravel train` gets of a model.
 *
 * @param {import('./starters/models.mjs').Starter} starter
 */
function settingsOf({ name, epochs, options }) {
  return [...options, '--epochs', String(epochs), '--checkpoint-every', '500', '--name', name];
}

/**
 * What is left to do for a model, by the run of its name that is in the workspace.
 *
 * @param {import('./starters/models.mjs').Starter} starter
 * @param {string} dataset
 * @param {string} workspace
 * @throws {SetupError} if that run has other settings than the model would be trained with
 */
async function plan(starter, dataset, workspace) {
  const there = ['--workspace', workspace];
  const known = await findRun(starter.name, workspace);
  if (!known) return { starter, command: ['train', dataset, ...settingsOf(starter)] };
  const { trainings } = await unravel(['train', dataset, ...settingsOf(starter), '--dry-run', ...there]);
  const [{ config } = { config: {} }] = trainings;
  const next = nextStep(known, { dataset, config });
  if (next.action === 'refuse') {
    throw new SetupError(
      'other-settings',
      `The run ${known.run} in ${workspace} is called ${starter.name}, and was trained otherwise than scripts/starters/models.mjs says: ${next.why.join('; ')}. To train it anew, remove it (npm run -s unravel -- runs remove ${known.run} --workspace ${workspace}), or name another folder with --workspace; to keep it, restore these settings in models.mjs.`,
    );
  }
  if (next.action === 'done') return { starter, known };
  const epochs = next.epochs === undefined ? [] : ['--epochs', String(next.epochs)];
  return { starter, known, command: ['resume', known.run, ...epochs] };
}

/**
 * Trains a model, or goes on with it.
 *
 * @param {{ starter: import('./starters/models.mjs').Starter, known?: RunLine, command?: string[] }} task
 * @param {string} workspace
 */
async function train({ starter: { name, epochs }, known, command }, workspace) {
  if (!command) {
    say(`${name}: already trained`);
    return;
  }
  say(`${name}: ${known ? `going on after step ${known.step}` : 'training'}`);
  await unravel([...command, '--workspace', workspace], showTraining(epochs));
}

/**
 * Finds a model's axes, and measures dimensions and axes.
 *
 * @param {import('./starters/models.mjs').Starter} starter
 * @param {string} dataset
 * @param {string} workspace
 */
async function measure({ name, options }, dataset, workspace) {
  const run = await findRun(name, workspace);
  if (!run) return;
  const evaluation = join(workspace, 'runs', run.run, 'evaluations', `${dataset}.json`);
  if (await stat(evaluation).catch(() => undefined)) return;
  say(`${name}: measuring`);
  const there = ['--workspace', workspace];
  await unravel(['axes', run.run, '--metrics', 'mig', ...there]);
  const elbo = options.includes('ae') ? '' : ',elbo';
  await unravel(['evaluate', run.run, '--metrics', `${METRICS}${elbo}`, ...there]);
}

/**
 * Writes a trained model into the gallery: half precision, its codes, a thinned history, its measures and its axes.
 *
 * @param {import('./starters/models.mjs').Starter} starter
 * @param {string} dataset
 * @param {string} workspace
 */
async function pack({ folder, name }, dataset, workspace) {
  const run = await findRun(name, workspace);
  if (!run) {
    say(`${name}: not trained yet, and left out`);
    return;
  }
  const staging = await mkdtemp(join(tmpdir(), 'unravel-starter-'));
  try {
    const made = join(staging, folder);
    const what = ['--half', '--codes', '--history', '--out', made, '--workspace', workspace];
    await unravel(['export-model', run.run, ...what]);
    await thinHistory(made, SNAPSHOTS);
    await mkdir(GALLERY, { recursive: true });
    await removeFolder(join(GALLERY, folder));
    await cp(made, join(GALLERY, folder), { recursive: true });
  } finally {
    await removeFolder(staging);
  }
  const path = join(workspace, 'datasets', dataset, 'dataset.json');
  const info = /** @type {object} */ (parseJson(await readFile(path, 'utf8')));
  // Nothing of it is stored: the faces are drawn when they are looked at.
  const text = JSON.stringify({ ...info, isDrawn: true }, undefined, 2);
  await writeFile(join(GALLERY, 'dataset.json.part'), `${text}\n`);
  await rename(join(GALLERY, 'dataset.json.part'), join(GALLERY, 'dataset.json'));
  say(`${name}: packed into resources/starters/${folder}`);
}

/**
 * Has each model of the gallery be made after the one before it, in whatever order they were trained, so that the last
 * one opens first.
 */
async function inOrder() {
  let latest = 0;
  for (const { folder } of STARTERS) {
    const path = join(GALLERY, folder, 'run.json');
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const info = /** @type {{ created: string }} */ (parseJson(text));
    latest = Math.max(Date.parse(info.created), latest + 1000);
    const created = new Date(latest).toISOString();
    await writeFile(path, `${JSON.stringify({ ...info, created }, undefined, 2)}\n`);
  }
}
