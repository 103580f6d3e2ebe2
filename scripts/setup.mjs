#!/usr/bin/env node
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  addonIsInPlace,
  ensureAddon,
  installPackagedTensorflow,
  linkLibraries,
  tfjsFolder,
} from './setup/addon.mjs';
import { cacheFolder, cloneLock } from './setup/cache.mjs';
import { dependenciesAreInstalled, installDependencies, lockHash } from './setup/dependencies.mjs';
import { explain, SetupError } from './setup/failure.mjs';
import {
  ensureLibtensorflow,
  hasLibraries,
  libtensorflowFolder,
  tensorflowVersion,
  variants,
} from './setup/libtensorflow.mjs';
import { withLock } from './setup/lock.mjs';
import { progressLines } from './setup/progress.mjs';
import { removeFile, removeFolder } from './setup/remove.mjs';
import { selfTest, whyNotGpu } from './setup/self-test.mjs';
import { checkNode, findPython, hasNvidiaDriver, loadsManylinux } from './setup/tools.mjs';
import { parseJson } from './setup/json.mjs';

/**
 * What one set-up works with.
 *
 * @typedef {object} SetupContext
 * @property {string} root - the clone
 * @property {string} cache
 * @property {NodeJS.ProcessEnv} env
 * @property {import('./setup/progress.mjs').Progress} progress
 * @property {() => void} onWait - is called once where another set-up is waited for
 */

/**
 * What is known of TensorFlow before it is tried.
 *
 * @typedef {object} Found
 * @property {boolean} driver - whether there is one for an NVIDIA card
 * @property {'cpu' | 'gpu' | 'packaged'} variant
 * @property {string} [refusal] - why the build for the GPU is not installed, where it should be
 */

/**
 * What a set-up leaves to the next one.
 *
 * @typedef {{ lock?: string, native?: string, platform?: string }} Stamp
 */

/** The clone this file lies in. */
export const cloneRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} root */
const stampOf = (root) => join(root, 'node_modules', '.unravel-setup.json');

/**
 * Makes a clone ready to run: dependencies, libtensorflow, the add-on, a self-test. Does what is missing, one line
 * of progress a step; silent, and done in milliseconds, when nothing is.
 *
 * @param {{ log?: (text: string) => void, root?: string, env?: NodeJS.ProcessEnv }} [options] - `log` gets the
 *   progress as text, standard error by default
 * @throws {SetupError} whose message tells a person what to do
 */
export async function ensureSetup({
  log = (text) => process.stderr.write(text),
  root = cloneRoot,
  env = process.env,
} = {}) {
  checkNode();
  if (isCurrent(root, env)) return;
  const cache = cacheFolder(env);
  const progress = progressLines(log);
  const onWait = () => progress.note('waiting for another set-up');
  try {
    await withLock(
      cloneLock(cache, root),
      async (held) => {
        if (isCurrent(root, env)) return;
        checkWritable(root);
        const lock = lockHash(root);
        if (
          !dependenciesAreInstalled(root) ||
          (readStamp(root)?.platform ?? platformName()) !== platformName()
        ) {
          await progress.step('dependencies', () => installDependencies(root, env, held));
        }
        const native = await ensureNative({ root, cache, env, progress, onWait });
        writeStamp(root, { lock, native: nativeKey(env), platform: platformName(), ...native });
      },
      { onWait },
    );
  } catch (error) {
    throw explain('set Unravel up', error, { cache });
  }
}

/**
 * Asked before hundreds of megabytes are downloaded: whoever cloned and set up may have been another user.
 *
 * @param {string} root
 * @throws {SetupError} 'no-permission'
 */
function checkWritable(root) {
  const modules = join(root, 'node_modules');
  for (const folder of existsSync(modules) ? [modules, tfjsFolder(root)].filter(existsSync) : [root]) {
    try {
      accessSync(folder, constants.W_OK);
    } catch (cause) {
      throw new SetupError(
        'no-permission',
        `Could not set Unravel up: this user may not write in ${folder}. Correct the folder's owner, or use a clone of your own, and run the command again.`,
        cause,
      );
    }
  }
}

/** @param {SetupContext} context */
async function ensureNative(context) {
  const { env, progress } = context;
  const driver = hasNvidiaDriver(env);
  /** @type {string | undefined} */
  let refusal;
  /** @type {string | undefined} */
  let python;
  if (loadsManylinux()) {
    try {
      python = await findPython(env);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      progress.note(`${error.message} Trying the older TensorFlow that tfjs-node brings.`);
    }
  }
  if (python === undefined) return installPackaged(context, driver);
  if (driver) {
    try {
      return await installVariant(context, { variant: 'gpu', python, driver });
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      refusal = `the GPU build was not installed: ${error.message}`;
      progress.note(`Going on without the GPU, because ${refusal}`);
    }
  }
  return installVariant(context, {
    variant: 'cpu',
    python,
    driver,
    ...(refusal === undefined ? {} : { refusal }),
  });
}

/**
 * @param {SetupContext} context
 * @param {Found & { variant: 'cpu' | 'gpu', python: string }} found
 */
async function installVariant({ root, cache, env, progress, onWait }, { python, ...found }) {
  const { variant } = found;
  const folder = libtensorflowFolder(cache, variant);
  if (!hasLibraries(folder)) {
    await removeFolder(folder);
    const name = `TensorFlow ${tensorflowVersion} for ${variant === 'gpu' ? 'the GPU' : 'the CPU'} (${variants[variant].size}, once)`;
    await progress.step(name, () => ensureLibtensorflow({ cache, variant, python, env, onWait }));
  }
  const place = (/** @type {boolean} */ rebuild) =>
    progress.step("TensorFlow's add-on", async (say) => {
      await linkLibraries(root, folder);
      say(await ensureAddon({ root, cache, env, onWait, rebuild }));
    });
  await place(false);
  try {
    return await test({ root, env, progress }, found);
  } catch (error) {
    // A home folder shared between systems: the cached add-on may need a newer C library than this one has.
    if (!(error instanceof SetupError) || error.code !== 'unloadable') throw error;
    await place(true);
    return test({ root, env, progress }, found);
  }
}

/**
 * @param {SetupContext} context
 * @param {boolean} driver
 */
async function installPackaged({ root, env, progress }, driver) {
  await progress.step('TensorFlow, as tfjs-node brings it', () => installPackagedTensorflow(root, env));
  return test({ root, env, progress }, { driver, variant: 'packaged' });
}

/**
 * @param {Pick<SetupContext, 'root' | 'env' | 'progress'>} context
 * @param {Found} found
 */
function test({ root, env, progress }, found) {
  return progress.step('self-test', async (say) => {
    const tested = await selfTest(root, env);
    const reason = whyNotGpu(tested, found);
    const device = tested.device === 'gpu' ? 'on the GPU' : `on the CPU (${reason})`;
    say(`TensorFlow ${tested.version} ${device}`);
    return {
      tensorflow: tested.version,
      variant: found.variant,
      device: tested.device,
      whyNotGpu: reason ?? null,
    };
  });
}

/**
 * What the native part depends on: a change of any of it means looking again.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function nativeKey(env) {
  const parts = [tensorflowVersion, platformName(), process.versions.modules, hasNvidiaDriver(env)];
  return createHash('sha256').update(parts.join()).digest('hex').slice(0, 16);
}

function platformName() {
  return `${process.platform}-${process.arch}`;
}

/**
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 */
function isCurrent(root, env) {
  const stamp = readStamp(root);
  if (stamp?.lock !== lockHash(root) || stamp.native !== nativeKey(env)) return false;
  return addonIsInPlace(root) && existsSync(join(root, 'node_modules', '.package-lock.json'));
}

/**
 * @param {string} root
 * @returns {Stamp | undefined}
 */
function readStamp(root) {
  try {
    return /** @type {Stamp} */ (parseJson(readFileSync(stampOf(root), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} root
 * @param {object} stamp
 */
function writeStamp(root, stamp) {
  const temporary = `${stampOf(root)}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(temporary, stampOf(root));
}

/**
 * Runs `work` and turns what goes wrong in set-up or build into one sentence on standard error and exit code 1.
 *
 * @param {() => Promise<number | void>} work - may return an exit code
 * @param {{ json?: boolean }} [options] - `json`: also as the last line that a script expects of `--json`
 */
export async function runScript(work, { json = false } = {}) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const { message } = error;
    if (json)
      process.stdout.write(`${JSON.stringify({ event: 'failed', code: 'native', message, hint: null })}\n`);
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    // --again: look at everything once more, such as for a GPU whose libraries could not be fetched before.
    if (process.argv.includes('--again')) await removeFile(stampOf(cloneRoot));
    await ensureSetup();
    process.stderr.write('Unravel is set up.\n');
  });
}
