import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, run } from './commands.mjs';
import { explain, SetupError } from './failure.mjs';
import { parseJson } from './json.mjs';

/**
 * A lock of npm's: the packages by their folders.
 *
 * @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, link?: boolean }> }} Lock
 */

/**
 * @param {string} root - the clone
 * @returns {string} a hash of its package-lock.json
 */
export function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/**
 * Whether node_modules holds what package-lock.json asks for, by npm's own record of what it installed (which it
 * writes last, so that an interrupted installation has none).
 *
 * @param {string} root
 * @returns {boolean}
 */
export function dependenciesAreInstalled(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (path === '' || link) return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

/**
 * @param {string} path
 * @returns {Lock | undefined}
 */
function readJson(path) {
  try {
    return /** @type {Lock} */ (parseJson(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * `npm ci` without install scripts: Electron's and TensorFlow's would download hundreds of megabytes that are
 * fetched otherwise, or only when asked for.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @param {number} [held] - the lock of the clone, which npm keeps: should we be killed, npm works on alone
 * @throws {SetupError}
 */
export async function installDependencies(root, env = process.env, held) {
  const npm = npmCommand(env);
  const args = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline'];
  // npm's own patience is over a minute of silence where there is no network at all.
  args.push('--fetch-retry-mintimeout=2000', '--fetch-retry-maxtimeout=10000');
  const { ok, output } = await run(npm.program, [...npm.args, ...args, '--loglevel=error'], {
    cwd: root,
    env,
    shell: npm.shell,
    held,
  });
  if (ok) return;
  if (/EUSAGE|in sync/.test(output)) {
    throw new SetupError(
      'lock-out-of-sync',
      'package.json and package-lock.json disagree, so the dependencies were not installed. Run npm install --ignore-scripts, look at what it changed, and run the command again.',
    );
  }
  throw explain('install the dependencies with npm ci', { output }, { folder: join(root, 'node_modules') });
}

/**
 * How npm is run: as the npm that started us where there is one, which need not be on the PATH.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ program: string, args: string[], shell: boolean }}
 * @throws {SetupError} 'no-npm'
 */
export function npmCommand(env = process.env) {
  const script = env['npm_execpath'];
  if (script && /npm-cli\.c?js$/.test(script))
    return { program: process.execPath, args: [script], shell: false };
  const program = findProgram('npm', env);
  if (program === undefined) {
    throw new SetupError(
      'no-npm',
      'npm was not found. It comes with Node: install Node from https://nodejs.org (Debian, Ubuntu: sudo apt install npm) and run the command again.',
    );
  }
  // A .cmd file runs in a shell only.
  return {
    program: process.platform === 'win32' ? 'npm' : program,
    args: [],
    shell: process.platform === 'win32',
  };
}
