import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import common from '../../electron-builder.config.mjs';
import { tfjsFolder } from '../setup/addon.mjs';
import { cacheFolder } from '../setup/cache.mjs';
import { run } from '../setup/commands.mjs';
import { explain } from '../setup/failure.mjs';
import { ensureLibtensorflow, libtensorflowFolder } from '../setup/libtensorflow.mjs';
import { removeFile, removeFolder } from '../setup/remove.mjs';
import { findPython, loadsManylinux } from '../setup/tools.mjs';
import { collectLicences, tensorflowNotices } from './licences.mjs';
import { shippedPackages } from './shipped-packages.mjs';
import { stageApp } from './stage.mjs';

/**
 * Packages the app with electron-builder.
 *
 * @param {{
 *   root: string,
 *   electron: import('../setup/electron.mjs').Electron,
 *   output: string,
 *   isDir: boolean,
 *   cache?: string,
 * }} options - `isDir`: the app as it is installed, without installers
 * @throws {SetupError}
 */
export async function packageApp({ root, electron, output, isDir, cache = cacheFolder() }) {
  const app = join(output, 'app');
  const licences = join(output, 'licences');
  const configFile = join(output, 'electron-builder.json');
  try {
    await stageApp(root, app, electron.isOld ? await buildForElectron9(cache) : undefined);
    await mkdir(licences, { recursive: true });
    await writeFile(join(licences, 'LICENCES.txt'), await licencesOf(root, cache));
    const config = {
      ...common,
      directories: { ...common.directories, app, output },
      // An old Electron has no fuses.
      ...(electron.isOld ? { electronFuses: undefined } : {}),
      electronVersion: electron.version,
      electronDist: electron.dist,
      extraResources: [
        { from: 'build/bin', to: 'bin' },
        { from: licences, to: 'licences' },
        ...(await nativeLibraries(cache)),
      ],
    };
    await writeFile(configFile, JSON.stringify(config, null, 2));
    await runBuilder(root, configFile, isDir);
  } catch (error) {
    throw explain('package Unravel', error, { folder: output });
  } finally {
    const debugLog = join(output, 'builder-debug.yml');
    for (const folder of [app, licences]) await removeFolder(folder);
    for (const file of [configFile, debugLog]) await removeFile(file);
  }
}

/**
 * @param {string} root
 * @param {string} configFile
 * @param {boolean} isDir
 */
async function runBuilder(root, configFile, isDir) {
  const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
  const args = [builder, '--config', configFile, '--publish', 'never', `--${process.arch}`];
  const { ok, output } = await run(process.execPath, isDir ? [...args, '--dir'] : args, { cwd: root });
  if (!ok) throw explain('package Unravel with electron-builder', { output });
}

/**
 * Only where there is no other: an old Electron cannot run today's app.
 *
 * @param {string} cache
 */
async function buildForElectron9(cache) {
  const { unravelForElectron9 } = await import('../../tests/electron/electron-9/app.mjs');
  return unravelForElectron9(cache);
}

/**
 * On Linux the libraries lie in the user's cache; a package gets the two files themselves. They are those for the
 * CPU: with CUDA a package would have 5 GB.
 *
 * @param {string} cache
 */
async function nativeLibraries(cache) {
  if (!loadsManylinux()) return [];
  const folder = libtensorflowFolder(cache, 'cpu');
  if (!existsSync(folder)) await ensureLibtensorflow({ cache, variant: 'cpu', python: await findPython() });
  const to = 'app.asar.unpacked/node_modules/@tensorflow/tfjs-node-gpu/deps/lib';
  return [{ from: join(folder, 'tensorflow'), to, filter: ['libtensorflow_{cc,framework}.so.2'] }];
}

/**
 * @param {string} root
 * @param {string} cache
 */
async function licencesOf(root, cache) {
  const notices = loadsManylinux() ? await tensorflowNotices({ cache }) : packagedNotices(root);
  return collectLicences(root, shippedPackages(root), notices);
}

/**
 * Where the set-up took TensorFlow from tfjs-node itself, its licences lie beside the libraries.
 *
 * @param {string} root
 */
function packagedNotices(root) {
  const deps = join(tfjsFolder(root), 'deps');
  const names = existsSync(deps) ? readdirSync(deps).filter((name) => /licen[cs]e/i.test(name)) : [];
  return names.map((name) => `TensorFlow: ${name}\n\n${readFileSync(join(deps, name), 'utf8').trim()}\n`);
}
