#!/usr/bin/env node
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { cacheFolder, cloneLock } from './setup/cache.mjs';
import { run } from './setup/commands.mjs';
import { explain, SetupError } from './setup/failure.mjs';
import { withLock } from './setup/lock.mjs';
import { progressLines } from './setup/progress.mjs';
import { removeFile, removeFolder, removeLeftovers } from './setup/remove.mjs';
import { cloneRoot, ensureSetup, runScript } from './setup.mjs';

const configs = [
  ...['package-lock.json', 'tsconfig.json', 'electron.vite.config.ts', 'vite.page.config.ts'],
  'scripts/build/wat.mjs',
];
/** What the fuzz run shares with other tests. */
const ofTests = ['tests/engine/image-files/pictures.ts', 'tests/engine/files/make-zip.ts'];

/** A build's folder until its files are in place. */
const building = /^\.building-[0-9a-f]{8}$/;

/** Chunks of earlier builds are kept this long, because a running process may still load them. */
const keepOldChunksMs = 24 * 60 * 60 * 1000;

/**
 * Builds out/ when src/ or a configuration differs from what the last build was made of.
 *
 * @param {{ log?: (text: string) => void, root?: string }} [options]
 * @returns {Promise<boolean>} whether it had to be built
 * @throws {SetupError} with the bundler's output
 */
export async function ensureBuild({ log = (text) => process.stderr.write(text), root = cloneRoot } = {}) {
  if (isCurrent(root)) return false;
  const progress = progressLines(log);
  const lock = cloneLock(cacheFolder(), root);
  try {
    return await withLock(
      lock,
      async () => {
        if (isCurrent(root)) return false;
        // Taken before: a file saved during the build makes the next launch build again.
        const sources = fingerprint(root);
        await progress.step('build', () => build(root));
        await writeFile(stampOf(root), sources);
        return true;
      },
      { onWait: () => progress.note('waiting for another set-up or build') },
    );
  } catch (error) {
    throw explain('build Unravel', error, { folder: join(root, 'out') });
  }
}

/**
 * Into a folder of its own, whose files are then renamed into place one by one, entries last: a process that
 * starts meanwhile finds a complete build, old or new.
 *
 * @param {string} root - the clone
 */
async function build(root) {
  const out = join(root, 'out');
  const temporary = join(out, `.building-${randomBytes(4).toString('hex')}`);
  await mkdir(temporary, { recursive: true });
  try {
    await bundle(root, temporary);
    for (const part of await readdir(temporary)) await moveInto(join(temporary, part), join(out, part));
  } finally {
    // With whatever builds that were killed have left: under the lock nobody else is building.
    await removeFolder(temporary);
    await removeLeftovers(out, building);
  }
}

/**
 * Builds everything into a folder.
 *
 * @param {string} root - the clone
 * @param {string} into - absolute
 * @throws {SetupError} with the bundler's output
 */
export async function bundle(root, into) {
  const programs = join(root, 'node_modules');
  // Absolute: the renderer has a root of its own, which a relative path would be resolved against.
  const app = [join(programs, 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--outDir', into];
  const page = [
    ...[join(programs, 'vite', 'bin', 'vite.js'), 'build', '--outDir', join(into, 'page')],
    ...['--config', join(root, 'vite.page.config.ts')],
  ];
  const builds = [app, page].map((args) =>
    run(process.execPath, [...args, '--logLevel', 'warn'], { cwd: root }),
  );
  const failed = (await Promise.all(builds)).filter(({ ok }) => !ok);
  if (failed.length === 0) return;
  const complaints = failed.map(({ output }) => complaint(output)).join('\n');
  throw new SetupError('build-failed', `The build failed; correct what it names:\n${complaints}`);
}

/**
 * The bundler's output without colours (it may end in a log) and without its own call stack.
 *
 * @param {string} output
 */
function complaint(output) {
  const lines = stripVTControlCharacters(output).split('\n');
  return lines
    .filter((line) => !/^\s+at |preload config is missing/.test(line))
    .join('\n')
    .trim();
}

/**
 * Moves the files of a build into place one by one, entries last: a process that starts meanwhile finds a complete build,
 * old or new. Chunks of earlier builds stay for processes that still run.
 *
 * @param {string} from - a folder with a build
 * @param {string} to - made where it is missing
 */
export async function moveInto(from, to) {
  const files = listFiles(from);
  // Entries lie at the top and name the chunks below them.
  files.sort((a, b) => b.split(/[\\/]/).length - a.split(/[\\/]/).length);
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await rename(join(from, file), join(to, file));
  }
  const built = new Set(files);
  for (const file of listFiles(to)) {
    const path = join(to, file);
    if (built.has(file)) continue;
    if (Date.now() - (await stat(path)).mtimeMs > keepOldChunksMs) await removeFile(path);
  }
}

/** @param {string} root */
const stampOf = (root) => join(root, 'out', '.built-from');

/** @param {string} root */
function isCurrent(root) {
  try {
    return (
      readFileSync(stampOf(root), 'utf8') === fingerprint(root) && existsSync(join(root, 'out/main/cli.js'))
    );
  } catch {
    return false;
  }
}

/**
 * Names, sizes and times of everything a build is made of: a file that was deleted or put back counts too.
 *
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  const sources = ['src', 'bench', 'tests/fuzz', 'tests/soak']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => listFiles(root, folder))
    .filter(isSource);
  for (const file of [...configs, ...ofTests, ...sources]) {
    const found = statSync(join(root, file), { throwIfNoEntry: false });
    hash.update(`${file} ${found?.size} ${found?.mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/**
 * In bench/ there are figures and programs for Python too.
 *
 * @param {string} file - its path from the clone
 */
function isSource(file) {
  return file.startsWith('src') || file.endsWith('.ts');
}

/**
 * The files below `folder`, named from `root`, sorted. Hidden folders are left out: bench/ keeps a Python
 * environment of ten thousand files in one.
 *
 * @param {string} root
 * @param {string} [folder] - from `root`
 * @returns {string[]}
 */
function listFiles(root, folder = '.') {
  /** @type {string[]} */
  const files = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) files.push(path);
    else if (entry.isDirectory() && !entry.name.startsWith('.')) files.push(...listFiles(root, path));
  }
  return files.sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    await ensureSetup();
    if (!(await ensureBuild())) process.stderr.write('The build is up to date.\n');
  });
}
