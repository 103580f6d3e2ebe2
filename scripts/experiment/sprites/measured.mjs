import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unravel } from '../../cli.mjs';
import { codeOf, SetupError } from '../../setup/failure.mjs';
import { parseJson } from '../../setup/json.mjs';

/** Images that a checkpoint is measured on, as many as disentanglement_lib takes. */
export const MEASURED_IMAGES = 10_000;

/**
 * MIG of a checkpoint.
 *
 * @typedef {object} Point
 * @property {number} step
 * @property {number} mig
 * @property {Record<string, number>} factors - the gap of each factor
 */

/** @param {string} workspace @param {string} run */
function fileOf(workspace, run) {
  return join(workspace, 'experiment-sprites', `${run}.jsonl`);
}

/**
 * The points of a file in the order of their steps. A last line that a killed process wrote only in part is left out, and
 * of two points at one step the later one is taken.
 *
 * @param {string} text - a line of JSON for each point
 * @returns {Point[]}
 */
export function parsePoints(text) {
  /** @type {Map<number, Point>} */
  const points = new Map();
  for (const line of text.split('\n')) {
    // A whole line ends with the end of `factors` and of the point.
    if (!line.endsWith('}}')) continue;
    const point = /** @type {Point} */ (parseJson(line));
    points.set(point.step, point);
  }
  return [...points.values()].sort((a, b) => a.step - b.step);
}

/**
 * The measured checkpoints of a run.
 *
 * @param {string} workspace
 * @param {string} run - its id
 */
export async function readPoints(workspace, run) {
  try {
    return parsePoints(await readFile(fileOf(workspace, run), 'utf8'));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Measures MIG of a run's checkpoint as it is now, also while the run is trained, and keeps it in the workspace.
 *
 * @param {string} workspace
 * @param {string} run - its id
 * @param {string} data - the data set's id
 * @returns {Promise<Point>}
 */
export async function measurePoint(workspace, run, data) {
  const { step, metrics } = await unravel([
    ...['evaluate', run, '--data', data, '--metrics', 'mig', '--only-values'],
    ...['--images', String(MEASURED_IMAGES), '--workspace', workspace],
  ]);
  const { value, perFactor } = metrics.mig;
  if (value === null) throw new SetupError('failed', `MIG of the run ${run} could not be computed.`);
  const factors = Object.fromEntries(perFactor.map(({ factor, value: gap }) => [factor, gap]));
  const point = { step, mig: value, factors };
  await mkdir(join(workspace, 'experiment-sprites'), { recursive: true });
  // The line break comes first, so that a line that was written only in part spoils no other.
  await appendFile(fileOf(workspace, run), `\n${JSON.stringify(point)}`);
  return point;
}

/**
 * MIG without the factor `shape`, as Chen et al.'s own program computes it.
 *
 * @param {Record<string, number>} factors - the gap of each factor
 */
export function migWithoutShape(factors) {
  const gaps = Object.entries(factors).flatMap(([factor, gap]) => (factor === 'shape' ? [] : [gap]));
  return gaps.reduce((sum, gap) => sum + gap / gaps.length, 0);
}
