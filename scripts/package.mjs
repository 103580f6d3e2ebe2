#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady } from './launch.mjs';
import { packageApp } from './package/package-app.mjs';
import { cacheFolder } from './setup/cache.mjs';
import { ensureOldElectron, findElectron, todaysElectron, oldElectron } from './setup/electron.mjs';
import { SetupError } from './setup/failure.mjs';
import { progressLines } from './setup/progress.mjs';
import { cloneRoot, runScript } from './setup.mjs';
import { parseJson } from './setup/json.mjs';

/**
 * `npm run package`: installers for this system, into dist/. `npm run package:dir` (`--dir`): the app unpacked, from
 * whichever Electron is there. The last line, on standard output, is where it lies.
 */
await runScript(async () => {
  await ensureReady();
  const isDir = process.argv.includes('--dir');
  const progress = progressLines((text) => process.stderr.write(text));
  const electron = isDir ? await anyElectron(progress) : todaysElectron(cloneRoot);
  if (!electron) {
    throw new SetupError(
      'no-electron',
      "Packages are made of the Electron that npm's package downloads, and its download is not there. Run node node_modules/electron/install.js, then the command again.",
    );
  }
  if (!isDir && process.platform === 'linux' && !readManifest().homepage) {
    throw new SetupError(
      'no-homepage',
      'A Debian package names a home page, and package.json has none. Add "homepage" to it and run the command again.',
    );
  }
  const output = join(cloneRoot, 'dist');
  const what = isDir ? 'the app, unpacked' : 'packages';
  await progress.step(`${what}, with Electron ${electron.version}`, () =>
    packageApp({ root: cloneRoot, electron, output, isDir }),
  );
  process.stdout.write(`${output}\n`);
});

function readManifest() {
  return /** @type {{ homepage?: string }} */ (
    parseJson(readFileSync(join(cloneRoot, 'package.json'), 'utf8'))
  );
}

/** @param {import('./setup/progress.mjs').Progress} progress */
async function anyElectron(progress) {
  const cache = cacheFolder();
  const found = findElectron(cloneRoot, cache);
  if (!found)
    await progress.step(`Electron ${oldElectron.version}, to try with`, () => ensureOldElectron({ cache }));
  const electron = findElectron(cloneRoot, cache);
  if (electron?.isOld)
    progress.note(
      `This is to be tried only: npm has fetched no Electron, and ${electron.version} is too old.`,
    );
  return electron;
}
