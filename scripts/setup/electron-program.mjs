import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const hint = 'The command line needs none. For the window, run npx install-electron.';

/**
 * Finds the Electron that opens the window: the one that `UNRAVEL_ELECTRON` names, else that of npm's package, whose
 * binary is a download of its own (`ELECTRON_OVERRIDE_DIST_PATH` is respected, as the package does). `npm start` and
 * `unravel doctor` both ask here.
 *
 * @param {string | undefined} packageFolder - of npm's `electron`, where it is installed
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ found: true, path: string, version: string | null } | { found: false, message: string, hint: string }}
 */
export function findElectronProgram(packageFolder, env = process.env) {
  const own = env['UNRAVEL_ELECTRON'];
  if (own) {
    if (existsSync(own)) return { found: true, path: own, version: versionBeside(own) };
    const message = `UNRAVEL_ELECTRON names ${own}, which is not there.`;
    return { found: false, message, hint: 'Correct the variable, or unset it.' };
  }
  if (packageFolder === undefined)
    return { found: false, message: 'The package electron is not installed.', hint };
  const override = env['ELECTRON_OVERRIDE_DIST_PATH'];
  // The package's own script writes the binary's name, which differs by platform, to path.txt.
  const name = readText(join(packageFolder, 'path.txt')) ?? 'electron';
  const path = join(override ?? join(packageFolder, 'dist'), name);
  if (existsSync(path)) return { found: true, path, version: versionBeside(path) };
  if (override) {
    const message = `ELECTRON_OVERRIDE_DIST_PATH names ${override}, which has no ${name}.`;
    return { found: false, message, hint: 'Correct the variable, or unset it.' };
  }
  return { found: false, message: "Electron's binary has not been downloaded.", hint };
}

/** @param {string} path */
function versionBeside(path) {
  return readText(join(dirname(path), 'version'))?.replace(/^v/, '') ?? null;
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
