import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundle } from '../build.mjs';
import { removeFile, removeFolder } from '../setup/remove.mjs';
import { loadsManylinux } from '../setup/tools.mjs';
import { removeUnreached } from './reached.mjs';
import { shippedPackages } from './shipped-packages.mjs';
import { parseJson } from '../setup/json.mjs';

/** Besides the build, what an installed app has of the clone. */
const ours = [
  'LICENSE',
  'resources',
  ...['unravel', 'launch', 'build', 'setup'].map((name) => `scripts/${name}.mjs`),
];

/**
 * Lays out what an installed app holds, as it holds it; only node_modules is called modules.
 *
 * @param {string} root - the clone
 * @param {string} app - a folder, emptied first
 * @param {string} [electron9] - where the tests' build for Electron 9 lies, whose main, preload and window take the
 *   product's place
 */
export async function stageApp(root, app, electron9) {
  await removeFolder(app);
  await mkdir(app, { recursive: true });
  // Built anew: out/ keeps files of earlier builds for a while.
  await bundle(root, join(app, 'out'));
  for (const name of await readdir(join(app, 'out', 'main'))) {
    if (isNotShipped(root, name)) await removeFile(join(app, 'out', 'main', name));
  }
  await removeUnreached(join(app, 'out', 'main'));
  for (const path of ours) await cp(join(root, path), join(app, path), { recursive: true });
  await cp(join(root, 'scripts', 'setup'), join(app, 'scripts', 'setup'), { recursive: true });
  for (const folder of shippedPackages(root)) await copyPackage(root, folder, app);
  await writeManifest(root, app, electron9 ? 'out/main/index.cjs' : 'out/main/index.js');
  if (electron9) await placeElectron9(electron9, join(app, 'out'));
}

/**
 * Programs that measure, take pictures and try readers out are built with the others.
 *
 * @param {string} root
 * @param {string} name
 */
function isNotShipped(root, name) {
  return /^(bench|fuzz|soak)/.test(name) || existsSync(join(root, 'bench', name.replace(/\.js$/, '.ts')));
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string} app
 */
async function copyPackage(root, folder, app) {
  const from = join(root, folder);
  // An optional package is there on its own system only.
  if (!existsSync(from)) return;
  const keeps = keptOf[folder] ?? isUsed;
  const filter = (/** @type {string} */ path) => keeps(relative(from, path));
  await cp(from, join(app, folder.replace('node_modules', 'modules')), { recursive: true, filter });
}

/**
 * Packages within a package are listed on their own. Of add-ons for many systems this one's is used.
 *
 * @param {string} path - from the package
 */
function isUsed(path) {
  const [folder, system] = path.split(/[\\/]/);
  if (folder === 'prebuilds' && system && system !== `${process.platform}-${process.arch}`) return false;
  return !/^node_modules\b|\.(d\.[cm]?ts|map|md|markdown|bare)$/.test(path);
}

/**
 * Of TensorFlow's package: the add-on and, where they are not in the user's cache, its libraries.
 *
 * @param {string} path - from the package
 */
function isOfAddon(path) {
  if (path === '' || path === 'package.json' || /^lib\b/.test(path)) return true;
  return /^deps\b/.test(path) && !/^deps.include\b/.test(path) && !loadsManylinux();
}

/**
 * Of libheif's package: the build whose WebAssembly is a file of its own, with its licence. The others are as large.
 *
 * @param {string} path - from the package
 */
function isOfLibheif(path) {
  return /^(|LICENSE|package\.json|libheif-wasm([\\/](LICENSE|libheif\.(js|wasm)))?)$/.test(path);
}

/** @type {Record<string, ((path: string) => boolean) | undefined>} */
const keptOf = {
  'node_modules/@tensorflow/tfjs-node-gpu': isOfAddon,
  'node_modules/libheif-js': isOfLibheif,
};

/**
 * @param {string} root
 * @param {string} app
 * @param {string} main
 */
async function writeManifest(root, app, main) {
  const { name, version, description, license, author, homepage } = /** @type {Record<string, unknown>} */ (
    parseJson(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  const manifest = { name, version, description, license, author, homepage, type: 'module', main };
  await writeFile(join(app, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * @param {string} from
 * @param {string} out
 */
async function placeElectron9(from, out) {
  await cp(join(from, 'main', 'index.cjs'), join(out, 'main', 'index.cjs'));
  for (const part of ['preload', 'renderer']) {
    await removeFolder(join(out, part));
    await cp(join(from, part), join(out, part), { recursive: true });
  }
}
