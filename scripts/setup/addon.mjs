import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { copyFile, mkdir, rename, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOnce } from './cache.mjs';
import { run } from './commands.mjs';
import { explain, SetupError } from './failure.mjs';
import { tensorflowVersion } from './libtensorflow.mjs';
import { npmCommand } from './dependencies.mjs';
import { removeEntry, removeFolder } from './remove.mjs';
import { findCompiler } from './tools.mjs';
import { parseJson } from './json.mjs';

const files = ['tfjs_binding.node', 'quiet_stderr.node'];

/** @param {string} root - the clone */
export function tfjsFolder(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
}

/**
 * @param {string} root
 * @returns {boolean} whether the add-on is in place and its libraries can be reached (the cache may be gone)
 */
export function addonIsInPlace(root) {
  const folder = tfjsFolder(root);
  return (
    existsSync(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node')) && existsSync(join(folder, 'deps', 'lib'))
  );
}

/**
 * Points the package's deps/ into the cache: as whole folders, so that `$ORIGIN/../nvidia` in the libraries'
 * search paths leads to the cache too.
 *
 * @param {string} root
 * @param {string} libtensorflow - its folder in the cache
 */
export async function linkLibraries(root, libtensorflow) {
  const deps = join(tfjsFolder(root), 'deps');
  const fresh = `${deps}.fresh`;
  const old = `${deps}.old`;
  for (const path of [fresh, old]) await removeEntry(path);
  await mkdir(fresh);
  await symlink(join(libtensorflow, 'tensorflow'), join(fresh, 'lib'));
  await symlink(join(libtensorflow, 'tensorflow', 'include'), join(fresh, 'include'));
  // Swapped, not emptied and filled: another process may be loading the libraries.
  if (existsSync(deps)) await rename(deps, old);
  await rename(fresh, deps);
  await removeEntry(old);
}

/**
 * Puts the add-on into the package, from the cache or built there first. deps/ must be linked.
 *
 * @param {{ root: string, cache: string, env?: NodeJS.ProcessEnv, onWait?: (() => void) | undefined, rebuild?: boolean }} options
 *   `rebuild`: the cached one does not load here (built on another system), so build it anew
 * @returns {Promise<'built' | 'cached'>}
 * @throws {SetupError}
 */
export async function ensureAddon({ root, cache, env = process.env, onWait, rebuild = false }) {
  const tfjs = /** @type {{ version: string }} */ (
    parseJson(readFileSync(join(tfjsFolder(root), 'package.json'), 'utf8'))
  );
  const cached = join(cache, `addon-${tfjs.version}-tensorflow-${tensorflowVersion}-napi-8-linux-x64`);
  const target = join(tfjsFolder(root), 'lib', 'napi-v8');
  try {
    if (rebuild) await removeFolder(cached);
    const built = await makeOnce(cached, (temporary) => buildAddon(root, temporary, env), { onWait });
    await mkdir(target, { recursive: true });
    for (const name of files.filter((file) => existsSync(join(cached, file)))) {
      // Renamed into place: a running process keeps the file it has loaded.
      const temporary = join(target, `.${name}.${process.pid}`);
      await copyFile(join(cached, name), temporary);
      await rename(temporary, join(target, name));
    }
    return built ? 'built' : 'cached';
  } catch (error) {
    throw explain("build TensorFlow's add-on for Node", error, { folder: root, cache });
  }
}

/**
 * @param {string} root
 * @param {string} into
 * @param {NodeJS.ProcessEnv} env
 */
async function buildAddon(root, into, env) {
  const folder = tfjsFolder(root);
  const compiler = findCompiler(env);
  const nodePreGyp = join(root, 'node_modules', '@mapbox', 'node-pre-gyp', 'bin', 'node-pre-gyp');
  const { ok, output } = await run(process.execPath, [nodePreGyp, 'install', '--build-from-source'], {
    cwd: folder,
    env: { ...env, ...compiler, ...nodeHeaders(env) },
  });
  await removeFolder(join(folder, 'build-tmp-napi-v8'));
  if (!ok) throw buildFailure(output);
  await copyFile(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), join(into, 'tfjs_binding.node'));

  // Only for looks: without it two lines of TensorFlow's appear on standard error.
  const source = fileURLToPath(new URL('quiet-stderr.c', import.meta.url));
  const options = ['-shared', '-fPIC', '-O2', '-o', join(into, 'quiet_stderr.node'), source];
  await run(compiler.CC, options, { env });
}

/**
 * Node's own headers where it came with them; else node-gyp downloads them.
 *
 * @param {NodeJS.ProcessEnv} env
 */
function nodeHeaders(env) {
  if (env['npm_config_nodedir']) return {};
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: prefix } : {};
}

/** @param {string} output */
function buildFailure(output) {
  if (/find Python|Could not find any Python|distutils/i.test(output)) {
    return new SetupError(
      'no-python',
      "TensorFlow's add-on for Node is built with node-gyp, which found no Python it can use. Install Python 3 (Debian, Ubuntu: sudo apt install python3) and run the command again.",
    );
  }
  return explain("build TensorFlow's add-on for Node", { output: errorLines(output) });
}

/**
 * npm and node-gyp print much around the compiler's complaint, such as paths with "network" in them.
 *
 * @param {string} output
 */
function errorLines(output) {
  const lines = output
    .split('\n')
    .filter((line) => /error|ENO|E[A-Z]{4,}|fatal|not found|no space/i.test(line));
  return lines.length > 0 ? lines.slice(0, 40).join('\n') : output;
}

/**
 * Elsewhere than on Linux x64: the package's own installation, which brings an older TensorFlow.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @throws {SetupError}
 */
export async function installPackagedTensorflow(root, env = process.env) {
  const npm = npmCommand(env);
  const args = [
    ...npm.args,
    'rebuild',
    '@tensorflow/tfjs-node-gpu',
    '--ignore-scripts=false',
    '--loglevel=error',
  ];
  const { ok, output } = await run(npm.program, args, { cwd: root, env, shell: npm.shell });
  if (!ok || !existsSync(join(tfjsFolder(root), 'lib'))) {
    throw explain("install TensorFlow with the package's own script", { output: errorLines(output) });
  }
}
