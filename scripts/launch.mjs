import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './build.mjs';
import { goToPersonsFolder } from './setup/person-folder.mjs';
import { cloneRoot, ensureSetup, runScript } from './setup.mjs';

/**
 * Runs the `main(argv)` of a built entry in this process. In a clone, set-up and build come first where they are
 * needed; an installed package has neither src/ nor a lockfile, and everything is there.
 *
 * @param {string} entry - name of the built file, such as 'cli'
 * @param {string[]} argv - what follows the command's name
 */
export async function launch(entry, argv) {
  goToPersonsFolder(cloneRoot);
  await runScript(
    async () => {
      await ensureReady();
      return runBuilt(entry, argv);
    },
    { json: argv.includes('--json') },
  );
}

/**
 * Runs the `main(argv)` of a built entry, which is there.
 *
 * @param {string} entry
 * @param {string[]} argv
 * @returns {Promise<number>} its exit code
 */
export async function runBuilt(entry, argv) {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const built = pathToFileURL(join(cloneRoot, 'out', 'main', `${entry}.js`)).href;
  /** @type {unknown} */
  const module = await import(built);
  const { main } = /** @type {{ main: (argv: string[]) => Promise<number> }} */ (module);
  return main(argv);
}

/** Set-up and build, where this is a clone; silent when nothing is to do. */
export async function ensureReady() {
  if (!existsSync(join(cloneRoot, 'src')) || !existsSync(join(cloneRoot, 'package-lock.json'))) return;
  await ensureSetup();
  await ensureBuild();
}
