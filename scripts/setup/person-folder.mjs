import { realpathSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Goes to the folder where the person stands. npm runs a package's scripts in the package's own folder, but a path on
 * the command line means the one where it was typed: `npm --prefix <clone> run -s unravel -- import .`
 *
 * Does nothing where npm has not started this very script: its variables are inherited by whatever a script of some
 * package runs.
 *
 * @param {string} root - the clone
 */
export function goToPersonsFolder(root) {
  const { INIT_CWD: folder, npm_package_json: packageFile, npm_lifecycle_script: script } = process.env;
  if (!folder || !packageFile || !script) return;
  const isOurs = isSame(packageFile, join(root, 'package.json')) && isSame(process.cwd(), root);
  if (isOurs && script.includes(basename(process.argv[1] ?? ''))) process.chdir(folder);
}

/**
 * @param {string} one
 * @param {string} other
 */
function isSame(one, other) {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}
