import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { unravel } from '../cli.mjs';
import { runBuilt } from '../launch.mjs';
import { SetupError, codeOf } from '../setup/failure.mjs';
import { parseJson } from '../setup/json.mjs';
import { cloneRoot } from '../setup.mjs';
import { MEASURED_IMAGES, measurePoint, migWithoutShape, readPoints } from './sprites/measured.mjs';
import { curveCsv, SCORES, spritesCsv, spritesTable } from './sprites/table.mjs';
import {
  epochsFor,
  howTrained,
  isComparable,
  MODELS,
  readModels,
  tasksFor,
  titleOf,
  trainOptions,
  trialsOf,
} from './sprites/trials.mjs';
import { listDatasets, listRuns, say } from '../workspace.mjs';

/** @typedef {import('./sprites/trials.mjs').RunLine} RunLine */
/** @typedef {import('./sprites/table.mjs').Score} Score */

const usage = `npm run experiment -- sprites [<options>]

Trains AE, VAE, β-VAE, β-TCVAE and FactorVAE on sprites with known factors, measures MIG at every checkpoint and further
scores at the end, and writes table.md, table.csv, curve.csv and the curve of MIG against images seen. Started again, it
goes on where it was; runs of the workspace that have the same settings are not trained again.

  --models <list>        ${Object.keys(MODELS).join(',')}, each with its weight or another one: beta-tcvae=4
                         (default: all of them)
  --seeds <number>       seeds of each model, from 1 (default: 3)
  --images <number>      images that each model sees, rounded to whole passes over all images (default: 3000000)
  --measure-only         train nothing: measure every run in the workspace of one of these models, however long it was trained
  --data <name>          the data set, which is drawn where it is not there (default: sprites)
  --draw <number>        how many sprites are drawn, to try the script (default: all 737,280)
  --workspace <folder>   where data set and runs are kept (default: experiments/workspace)
  --out <folder>         where tables and curve go (default: docs/experiment/sprites)`;

/** Published for β-TCVAE by its authors: MIG without shape. */
const PUBLISHED_MIG = 0.5;
/** Metrics of the table, without those that this script computes itself. */
const METRICS = 'mig,sapDiscrete,sapContinuous,dci,factorVae,infoM,infoE,infoC';

/** What is said of a trial that is not trained now. */
const SETTLED = {
  measure: 'already trained',
  wait: 'another process trains it, and it is measured as it is',
  failed: 'its training failed; remove the run to train it again',
};

/**
 * @typedef {object} Settings
 * @property {ReturnType<typeof readModels>} models
 * @property {number} seeds
 * @property {number} images
 * @property {boolean} measureOnly
 * @property {string} data
 * @property {string | undefined} draw
 * @property {string} workspace
 * @property {string} out
 */

/**
 * @param {string[]} argv
 * @returns {Settings | undefined} nothing where help was asked for
 * @throws {SetupError}
 */
function readSettings(argv) {
  /** @param {string} option @param {string} text */
  const whole = (option, text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value >= 1) return value;
    throw new SetupError('usage', `--${option} must be a whole number from 1, and is "${text}".`);
  };
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        models: { type: 'string', default: Object.keys(MODELS).join(',') },
        seeds: { type: 'string', default: '3' },
        images: { type: 'string', default: '3000000' },
        'measure-only': { type: 'boolean', default: false },
        data: { type: 'string', default: 'sprites' },
        draw: { type: 'string' },
        workspace: { type: 'string', default: join(cloneRoot, 'experiments', 'workspace') },
        out: { type: 'string', default: join(cloneRoot, 'docs', 'experiment', 'sprites') },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return undefined;
    return {
      models: readModels(values.models),
      seeds: whole('seeds', values.seeds),
      images: whole('images', values.images),
      measureOnly: values['measure-only'],
      data: values.data,
      draw: values.draw,
      workspace: resolve(values.workspace),
      out: resolve(values.out),
    };
  } catch (error) {
    const isUsage = error instanceof RangeError || codeOf(error)?.startsWith('ERR_PARSE_ARGS');
    if (!isUsage) throw error;
    const { message } = /** @type {Error} */ (error);
    const sentence = message.endsWith('.') ? message : `${message}.`;
    throw new SetupError('usage', `${sentence} See: npm run experiment -- sprites --help`);
  }
}

/**
 * `npm run experiment -- sprites`.
 *
 * @param {string[]} argv
 */
export async function compareOnSprites(argv) {
  const settings = readSettings(argv);
  if (!settings) return void process.stdout.write(`${usage}\n`);
  const { models, seeds, images, measureOnly, workspace, out } = settings;
  const dataset = await findOrDraw(settings);
  const epochs = epochsFor(images, dataset.images);
  const trials = trialsOf(models, seeds);
  if (!measureOnly) {
    for (const trial of trials) {
      const [task] = tasksFor([trial], await listRuns(workspace), { epochs, dataset: dataset.id });
      if (task) await carryOut(task, epochs, dataset.id, workspace);
      await writeResults(
        out,
        runsOf(trials, await listRuns(workspace), epochs, dataset.id),
        dataset.id,
        workspace,
      );
    }
    return;
  }
  const all = await listRuns(workspace);
  const found = models.flatMap(({ model }) =>
    all
      .filter((run) => run.config.objective.model === model && isComparable(run, dataset.id))
      .sort((a, b) => a.config.seed - b.config.seed || a.step - b.step),
  );
  if (found.length === 0) {
    throw new SetupError(
      'no-runs',
      `There are no runs of these models in ${workspace}. Train some, or name another --workspace.`,
    );
  }
  await writeResults(out, found, dataset.id, workspace);
}

/**
 * The runs of the trials that have been trained, whole or in part, by model and seed.
 *
 * @param {import('./sprites/trials.mjs').Trial[]} trials
 * @param {RunLine[]} runs
 * @param {number} epochs
 * @param {string} dataset
 */
function runsOf(trials, runs, epochs, dataset) {
  const order = Object.keys(MODELS);
  return tasksFor(trials, runs, { epochs, dataset })
    .flatMap((task) => ('run' in task && task.run.step > 0 ? [task.run] : []))
    .sort(
      (a, b) =>
        order.indexOf(a.config.objective.model) - order.indexOf(b.config.objective.model) ||
        titleOf(a).localeCompare(titleOf(b)) ||
        a.config.seed - b.config.seed,
    );
}

/**
 * @param {Settings} settings
 * @returns {Promise<{ id: string, images: number }>}
 */
async function findOrDraw({ data, draw, workspace }) {
  const find = async () => (await listDatasets(workspace)).find(({ name }) => name === data);
  const known = await find();
  if (known) return known;
  say(`drawing ${data}`);
  const count = draw === undefined ? [] : ['--count', draw];
  await unravel(['sample-data', 'sprites', '--name', data, ...count, '--workspace', workspace]);
  const drawn = await find();
  if (!drawn) throw new SetupError('failed', `The data set ${data} was drawn, and is not in ${workspace}.`);
  return drawn;
}

/**
 * Trains or continues a run, and measures each checkpoint that it writes.
 *
 * @param {import('./sprites/trials.mjs').Task} task
 * @param {number} epochs
 * @param {string} dataset
 * @param {string} workspace
 */
async function carryOut(task, epochs, dataset, workspace) {
  const weight = task.trial.weight === null ? '' : ` ${task.trial.weight}`;
  const name = `${MODELS[task.trial.model].title}${weight}, seed ${task.trial.seed}`;
  if (task.action !== 'train' && task.action !== 'resume') {
    say(`${name}: ${SETTLED[task.action]} (${task.run.run})`);
    return;
  }
  const there = ['--workspace', workspace];
  let run = task.action === 'resume' ? task.run.run : undefined;
  if (task.action === 'resume') {
    say(`${name}: going on after step ${task.run.step} (${task.run.run})`);
    // A process that was killed may have left its last checkpoint unmeasured.
    if (task.run.step > 0) await measureOnce(workspace, task.run, dataset);
  } else say(`${name}: training`);
  let measuring = Promise.resolve();
  const args =
    task.action === 'resume'
      ? ['resume', task.run.run, ...there]
      : ['train', dataset, ...trainOptions(task.trial, epochs), ...there];
  await unravel(args, (event) => {
    if (event.event === 'warning') process.stderr.write(`  ${event.message}\n`);
    if (event.event === 'started') ({ run } = event);
    if (event.event !== 'checkpoint' || run === undefined) return;
    const id = run;
    measuring = measuring.then(async () => {
      const { step, mig } = await measurePoint(workspace, id, dataset);
      process.stderr.write(`  step ${step.toLocaleString('en')}: MIG ${mig.toFixed(3)}\n`);
    });
    // Awaited below; until then a failure is not to end the training.
    measuring.catch(() => undefined);
  });
  await measuring;
}

/**
 * The measured checkpoints of a run, the one that it has now among them.
 *
 * @param {string} workspace
 * @param {RunLine} run
 * @param {string} dataset
 */
async function measureOnce(workspace, { run, step }, dataset) {
  const points = await readPoints(workspace, run);
  if (points.some((point) => point.step === step)) return points;
  await measurePoint(workspace, run, dataset);
  return readPoints(workspace, run);
}

/**
 * The scores of a run with their intervals, measured once for each checkpoint.
 *
 * @param {string} workspace
 * @param {RunLine} run
 * @param {string} dataset
 * @returns {Promise<Record<string, Score>>}
 */
async function scoresOf(workspace, { run, step }, dataset) {
  const path = join(workspace, 'experiment-sprites', `${run}-scores.json`);
  const text = await readFile(path, 'utf8').catch((/** @type {unknown} */ error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text !== undefined) {
    const known = /** @type {{ step: number, scores: Record<string, Score> }} */ (parseJson(text));
    if (known.step === step) return known.scores;
  }
  const measured = await unravel([
    ...['evaluate', run, '--data', dataset, '--metrics', METRICS],
    ...['--images', String(MEASURED_IMAGES), '--workspace', workspace],
  ]);
  const { perFactor } = measured.metrics.mig;
  const gaps = Object.fromEntries(perFactor.map(({ factor, value }) => [factor, value]));
  /** @type {Record<string, Score>} */
  const scores = { migWithoutShape: { value: migWithoutShape(gaps), low: null, high: null } };
  for (const [key] of SCORES) {
    const found = measured.metrics[key];
    if (found) scores[key] = { value: found.value, low: found.low, high: found.high };
  }
  await mkdir(join(workspace, 'experiment-sprites'), { recursive: true });
  await writeFile(path, `${JSON.stringify({ step: measured.step, scores })}\n`);
  return scores;
}

/**
 * @param {string} out
 * @param {RunLine[]} runs
 * @param {string} dataset
 * @param {string} workspace
 */
async function writeResults(out, runs, dataset, workspace) {
  if (runs.length === 0) return;
  say('measuring');
  const rows = [];
  const curves = [];
  for (const run of runs) {
    const { config, heldOut = null, step } = run;
    const title = titleOf(run);
    const points = (await measureOnce(workspace, run, dataset)).map((point) => ({
      images: point.step * config.batchSize,
      mig: point.mig,
      migWithoutShape: migWithoutShape(point.factors),
    }));
    curves.push({ run: run.run, title, seed: config.seed, points });
    rows.push({
      ...{ run: run.run, name: run.name, title },
      ...{ seed: config.seed, images: step * config.batchSize },
      ...{ how: howTrained(run), heldOut, scores: await scoresOf(workspace, run, dataset) },
    });
    process.stderr.write(`  ${title}, seed ${config.seed}: measured\n`);
  }
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'table.md'), spritesTable(rows, MEASURED_IMAGES));
  await writeFile(join(out, 'table.csv'), spritesCsv(rows));
  await writeFile(join(out, 'curve.csv'), curveCsv(curves));
  await runBuilt('bench-mig-curve', [JSON.stringify({ curves, published: PUBLISHED_MIG }), out]);
  say(`tables and curve are in ${out}`);
}
