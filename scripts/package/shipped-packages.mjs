import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../setup/json.mjs';

/** Of this package only the add-on is loaded, not its JavaScript, and so nothing that that needs. */
const addonOnly = '@tensorflow/tfjs-node-gpu';

/**
 * A package in package-lock.json.
 *
 * @typedef {object} LockedPackage
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [optionalDependencies]
 */

/**
 * What of node_modules an installed app runs on: the dependencies with all that they need, and of TensorFlow's
 * package nothing but itself.
 *
 * @param {string} root - the clone
 * @returns {string[]} folders such as `node_modules/ws`; those of other systems' optional packages may not exist
 */
export function shippedPackages(root) {
  return withNeeds(root, Object.keys(readLock(root)['']?.dependencies ?? {}));
}

/**
 * @param {string} root - the clone
 * @param {string[]} names - of packages that it imports
 * @returns {string[]} their folders and those of all that they need
 */
export function withNeeds(root, names) {
  const packages = readLock(root);
  /** @type {Set<string>} */
  const found = new Set();
  /** @param {string | undefined} path */
  const visit = (path) => {
    if (path === undefined || found.has(path)) return;
    found.add(path);
    if (path === `node_modules/${addonOnly}`) return;
    const { dependencies, optionalDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies }))
      visit(resolve(packages, path, name));
  };
  for (const name of names) visit(resolve(packages, '', name));
  return [...found].sort();
}

/**
 * @param {string} root - the clone
 * @returns {Record<string, LockedPackage>} the packages of its lock by their folders
 */
export function readLock(root) {
  const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (
    parseJson(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  );
  return lock.packages;
}

/**
 * The folder that a package's import leads to, as Node looks for it: its own node_modules, then those above.
 *
 * @param {Record<string, LockedPackage>} packages
 * @param {string} from
 * @param {string} name
 */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules') - 1))) {
    const candidate = `${folder ? `${folder}/` : ''}node_modules/${name}`;
    if (packages[candidate]) return candidate;
    if (folder === '') return undefined;
  }
}
