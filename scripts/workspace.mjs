import { unravel } from './cli.mjs';

/** @typedef {import('./experiment/sprites/trials.mjs').RunLine} RunLine */

/** @param {string} text */
export function say(text) {
  process.stderr.write(`▸ ${text}\n`);
}

/**
 * The data sets of a workspace.
 *
 * @param {string} workspace
 */
export async function listDatasets(workspace) {
  /** @type {{ id: string, name: string, images: number }[]} */
  const found = [];
  await unravel(['data', 'list', '--workspace', workspace], (event) => {
    if (event.event === 'dataset') found.push({ id: event.dataset, name: event.name, images: event.images });
  });
  return found;
}

/**
 * The runs of a workspace, the newest first.
 *
 * @param {string} workspace
 */
export async function listRuns(workspace) {
  /** @type {RunLine[]} */
  const found = [];
  await unravel(['runs', 'list', '--workspace', workspace], (event) => {
    if (event.event === 'run') found.push(event);
  });
  return found;
}
