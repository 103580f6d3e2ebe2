#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ensureReady, runBuilt } from './launch.mjs';
import { run } from './setup/commands.mjs';
import { hasDisplay } from './setup/display.mjs';
import { findElectronProgram } from './setup/electron-program.mjs';
import { goToPersonsFolder } from './setup/person-folder.mjs';
import { progressLines } from './setup/progress.mjs';
import { sandboxFor } from './setup/sandbox.mjs';
import { cloneRoot, runScript } from './setup.mjs';

/** An Electron that ends with an error so soon has shown no window. */
const startedMs = 15_000;
/** A download that has not come by then is not waited for; it goes on from npm's cache another time. */
const downloadMs = 180_000;
const retryMs = 24 * 60 * 60 * 1000;

/**
 * `npm start`: opens the app. Where there is no Electron, or nothing to show a window on, it says so in one line,
 * serves the same app and prints its address. `--workspace` goes to both, `--port` to the server.
 */
await runScript(
  async () => {
    goToPersonsFolder(cloneRoot);
    await ensureReady();
    const args = process.argv.slice(2);
    const found = await findWindow();
    const reason = 'program' in found ? await openApp(found.program, args) : found.reason;
    if (reason === undefined) return Number(process.exitCode);
    process.stderr.write(`${reason} Serving the same app to a browser instead.\n`);
    return runBuilt('cli', ['serve', ...args]);
  },
  { json: process.argv.includes('--json') },
);

/**
 * Electron's program, or why there can be no window.
 *
 * @returns {Promise<{ program: string } | { reason: string }>}
 */
async function findWindow() {
  if (!(await hasDisplay())) return { reason: 'There is no display to open a window on.' };
  const folder = electronPackage();
  let electron = findElectronProgram(folder);
  if (!electron.found && folder !== undefined && isWorthFetching(folder)) {
    await fetchElectron(folder);
    electron = findElectronProgram(folder);
  }
  return electron.found ? { program: electron.path } : { reason: electron.message };
}

function electronPackage() {
  try {
    return dirname(createRequire(join(cloneRoot, 'package.json')).resolve('electron/package.json'));
  } catch {
    return undefined;
  }
}

/**
 * Who says where Electron is, or that it is not to be downloaded, is taken at their word; and where it could not be
 * had today, nobody waits for it again today.
 *
 * @param {string} folder - of npm's package
 */
function isWorthFetching(folder) {
  const names = ['UNRAVEL_ELECTRON', 'ELECTRON_OVERRIDE_DIST_PATH', 'ELECTRON_SKIP_BINARY_DOWNLOAD'];
  if (names.some((name) => process.env[name])) return false;
  const failed = statSync(failedStamp(folder), { throwIfNoEntry: false });
  return failed === undefined || Date.now() - failed.mtimeMs > retryMs;
}

/** @param {string} folder */
function failedStamp(folder) {
  return join(folder, '.unravel-download-failed');
}

/**
 * The package's own script, which the set-up has left out. It needs a network that reaches GitHub.
 *
 * @param {string} folder
 */
async function fetchElectron(folder) {
  const progress = progressLines((text) => process.stderr.write(text));
  await progress
    .step('Electron (about 120 MB, once)', async () => {
      const install = join(folder, 'install.js');
      const { ok } = await run(process.execPath, [install], { cwd: folder, timeout: downloadMs });
      if (!ok) throw new Error('no download');
    })
    .catch(() => writeFile(failedStamp(folder), ''));
}

/**
 * Runs the app to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<string | undefined>} why there was no window; undefined when there was one
 */
function openApp(program, args) {
  const began = performance.now();
  const sandbox = sandboxFor(process.getuid?.());
  if (sandbox.remark !== undefined) process.stderr.write(`${sandbox.remark}\n`);
  const child = spawn(program, [cloneRoot, ...sandbox.args, ...withoutServing(args)], {
    stdio: 'inherit',
    // Ctrl-C reaches a terminal's whole group, and would end a training before it could write its checkpoint.
    detached: process.platform !== 'win32',
  });
  let isInterrupted = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      isInterrupted = true;
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  }
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`Electron could not be started (${error.message}).`));
    child.once('exit', (code, signal) => {
      if (code !== 0 && !isInterrupted && performance.now() - began < startedMs) {
        resolve(`Electron ended with ${signal ?? `code ${code}`} before it had opened a window.`);
        return;
      }
      process.exitCode = code ?? 1;
      resolve(undefined);
    });
  });
}

/**
 * The words that only a server understands are not the app's.
 *
 * @param {string[]} args
 */
function withoutServing(args) {
  return args.filter(
    (arg, i) => arg !== '--port' && args[i - 1] !== '--port' && !/^--(port=|json$)/.test(arg),
  );
}
