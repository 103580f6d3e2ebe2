import { unravel } from '../cli.mjs';

/** @param {string} text */
export function say(text) {
  process.stderr.write(`▸ ${text}\n`);
}

/**
 * The names of a workspace's data sets.
 *
 * @param {string} workspace
 */
export async function datasetNames(workspace) {
  /** @type {Set<string>} */
  const names = new Set();
  await unravel(['data', 'list', '--workspace', workspace], (event) => {
    if (event.event === 'dataset') names.add(event.name);
  });
  return names;
}
