import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache.mjs';
import { findProgram, run } from './commands.mjs';
import { ensureOldElectron, findElectron, missingLibrary, oldElectron } from './electron.mjs';
import { explain, SetupError } from './failure.mjs';
import { progressLines } from './progress.mjs';

/**
 * What one call works with.
 *
 * @typedef {object} ToolsContext
 * @property {string} root - the clone
 * @property {string} cache
 * @property {NodeJS.ProcessEnv} env
 * @property {string} platform
 * @property {boolean} isRoot
 * @property {import('./progress.mjs').Progress} progress
 */

const chromiumNames = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * Chromium, or a browser made of it.
 *
 * @param {NodeJS.ProcessEnv} [env] - `UNRAVEL_CHROMIUM` names another
 * @param {string} [platform]
 * @returns {string | undefined} the path of its program
 */
export function findChromium(env = process.env, platform = process.platform) {
  const named = env['UNRAVEL_CHROMIUM'];
  if (named) return named;
  for (const name of chromiumNames) {
    const program = findProgram(name, env);
    if (program) return program;
  }
  return placesOfChrome(env, platform).find((path) => existsSync(path));
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} platform
 */
function placesOfChrome(env, platform) {
  if (platform === 'darwin') {
    const names = ['Chromium', 'Google Chrome'];
    return names.map((name) => join('/Applications', `${name}.app`, 'Contents', 'MacOS', name));
  }
  if (platform !== 'win32') return [];
  const folders = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter(
    (folder) => folder !== undefined,
  );
  return folders.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
}

/**
 * The display that tests open windows on, so that none appears on a person's screen.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} the path of Xvfb
 */
export function findXvfb(env = process.env) {
  return findProgram('Xvfb', env);
}

/**
 * Gets what the tests use besides Node: Chromium, and on Linux Xvfb and an Electron. One line of progress for what
 * is installed; silent when everything is there. What cannot be had costs a sentence, never the tests: those that
 * need it skip.
 *
 * @param {{ log?: (text: string) => void, root: string, env?: NodeJS.ProcessEnv, platform?: string, isRoot?: boolean }} options
 */
export async function ensureTestTools({
  log = (text) => process.stderr.write(text),
  root,
  env = process.env,
  platform = process.platform,
  isRoot = process.getuid?.() === 0,
}) {
  const progress = progressLines(log);
  const context = { root, env, platform, isRoot, progress, cache: cacheFolder(env) };
  await ensurePrograms(context);
  await ensureElectron(context);
}

/** @param {ToolsContext} context */
async function ensurePrograms(context) {
  const { env, platform, progress } = context;
  const wanted = [
    { name: 'Chromium', package: 'chromium', skips: 'in a browser', find: () => findChromium(env, platform) },
    { name: 'Xvfb', package: 'xvfb', skips: 'in a window', find: () => findXvfb(env) },
  ].filter((tool) => platform === 'linux' || tool.package === 'chromium');
  const missing = () => wanted.filter(({ find }) => find() === undefined);

  const first = missing();
  if (first.length === 0) return;
  const names = first.map(({ name }) => name).join(' and ');
  await attempt(progress, () =>
    installPackages(
      context,
      names,
      first.map((tool) => tool.package),
    ),
  );
  for (const tool of missing()) {
    progress.note(
      `${tool.name} was not found: the tests ${tool.skips} are skipped. ${adviceFor(tool, platform)}`,
    );
  }
}

/**
 * @param {{ name: string, package: string }} tool
 * @param {string} platform
 */
function adviceFor({ name, package: packageName }, platform) {
  if (platform !== 'linux') return 'Install Chrome from https://www.google.com/chrome to run them.';
  return `Install ${name} to run them (Debian, Ubuntu: sudo apt install ${packageName}).`;
}

/** @param {ToolsContext} context */
async function ensureElectron(context) {
  const { root, cache, env, platform, progress } = context;
  await attempt(progress, async () => {
    if (!findElectron(root, cache, env)) {
      const name = `Electron ${oldElectron.version}, for the tests (${oldElectron.size}, once)`;
      const onWait = () => progress.note('waiting for another set-up');
      await progress.step(name, () => ensureOldElectron({ cache, env, onWait }));
    }
    const electron = findElectron(root, cache, env);
    if (!electron || platform !== 'linux') return;
    if (!(await missingLibrary(electron, env))) return;
    await installPackages(context, "Electron's libraries", ['libgtk-3-0', 'libxss1', 'libxtst6', 'libnss3']);
    const library = await missingLibrary(electron, env);
    if (!library) return;
    throw new SetupError(
      'no-library',
      `Electron ${electron.version} lacks ${library}: the tests in a window are skipped. Install the package that holds it (Debian, Ubuntu: sudo apt install libgtk-3-0 libxss1 libxtst6 libnss3) to run them.`,
    );
  });
}

/**
 * Installs packages where that is ours to do: as root of a Debian. Elsewhere it does nothing.
 *
 * @param {Pick<ToolsContext, 'env' | 'isRoot' | 'progress'>} context
 * @param {string} names
 * @param {string[]} packages
 */
async function installPackages({ env, isRoot, progress }, names, packages) {
  const apt = findProgram('apt-get', env);
  if (!apt || !isRoot) return;
  await progress.step(`${names}, for the tests (apt-get install ${packages.join(' ')})`, async () => {
    const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
    // A list that is out of date names files that are gone; without one at all nothing is found.
    const updated = await run(apt, ['update', '-qq'], options);
    const waiting = ['-o', 'DPkg::Lock::Timeout=300'];
    const { ok, output } = await run(
      apt,
      [...waiting, 'install', '-y', '-qq', '--no-install-recommends', ...packages],
      options,
    );
    if (!ok) throw explain(`install ${packages.join(', ')}`, { output: `${updated.output}\n${output}` });
  });
}

/**
 * What fails here is said and left: it is for tests only.
 *
 * @param {import('./progress.mjs').Progress} progress
 * @param {() => Promise<void>} work
 */
async function attempt(progress, work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    progress.note(error.message);
  }
}
