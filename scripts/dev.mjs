#!/usr/bin/env node
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { stripVTControlCharacters, parseArgs } from 'node:util';
import { LAYERS } from './lint/layers.mjs';
import { codeOf, SetupError } from './setup/failure.mjs';
import { parseJson } from './setup/json.mjs';
import { goToPersonsFolder } from './setup/person-folder.mjs';
import { progressLines, seconds } from './setup/progress.mjs';
import { cloneRoot, ensureSetup, runScript } from './setup.mjs';

const folder = join(cloneRoot, 'out', 'dev');
/** The layers of src/ that are built for Node; the window's are served by Vite. */
const layersBuilt = [...(LAYERS['server'] ?? []), 'server', 'engine'].map(
  (layer) => join('src', layer) + sep,
);
/** Read once, at the start. */
const configs = ['electron.vite.config.ts', 'svelte.config.js', 'package-lock.json', 'scripts'];
/** Files that are saved together are built together. */
const gatherMs = 50;
/** A Ctrl-C under npm arrives twice: from the terminal, and from npm. */
const sameSignalMs = 500;

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/**
 * `npm run dev`: the app in a browser over a real engine, both of which take up changes of their sources.
 */
await runScript(async () => {
  goToPersonsFolder(cloneRoot);
  const { workspace, port } = options();
  await ensureSetup();
  process.chdir(cloneRoot);
  // Asked by Vite and its plugins, and set by Vite's build where it is not there.
  process.env['NODE_ENV'] = 'development';
  // Vite is there only after the set-up.
  const { NodeBuild } = await import('./dev/node-build.mjs');
  const { Served } = await import('./dev/served.mjs');
  const { openWindow } = await import('./dev/window.mjs');

  const built = join(folder, 'main');
  const token = randomBytes(32).toString('base64url');
  const nodeBuild = new NodeBuild(cloneRoot, built);
  const { version } = /** @type {{ version: string }} */ (
    parseJson(readFileSync(join(cloneRoot, 'package.json'), 'utf8'))
  );
  const served = new Served({
    ...{ built, workspace, token, version },
    // They name scripts that only Vite can serve; nobody opens that server's own address.
    pages: join(cloneRoot, 'src', 'renderer'),
    onDeath: (how) =>
      say(`The server ended with ${how}. It is started again with the next change of its code.`),
  });
  const interrupt = listenForSignals(() => served.kill());

  const progress = progressLines((text) => process.stderr.write(text));
  await progress
    .step('build', () => nodeBuild.run())
    .catch((/** @type {unknown} */ error) => {
      throw new SetupError(
        'build-failed',
        `The build failed; correct what it names:\n${complaint(error)}`,
        error,
      );
    });
  await served.restart().catch((/** @type {unknown} */ error) => {
    throw new SetupError('failed', messageOf(error), error);
  });
  let window;
  try {
    window = await openWindow({
      ...{ root: cloneRoot, port, token, cache: join(folder, 'vite') },
      upstream: () => served.port,
    });
    await watch(window.watcher, interrupt);
    if (interrupt.aborted) return;
    process.stdout.write(`Unravel is open at ${window.url}\n`);
    say(`The workspace is ${workspace}. Changes below src are taken up as they are saved; Ctrl-C ends it.`);
    await takeUpChanges(window.watcher, nodeBuild, served, interrupt);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && !/port \d+ is already in use/i.test(messageOf(error))) throw error;
    throw new SetupError(
      'failed',
      `Port ${port} is taken by another program. Name another with --port, or leave it out for any that is free.`,
      error,
    );
  } finally {
    await Promise.all([window?.close(), served.end()]);
  }
});

function options() {
  const usage = 'Usage: npm run dev -- [--workspace <folder>] [--port <number>]';
  try {
    const { values } = parseArgs({ options: { workspace: { type: 'string' }, port: { type: 'string' } } });
    const port = Number(values.port ?? 0);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new Error('A port is a whole number between 0 and 65535.');
    return { workspace: resolve(values.workspace ?? join(folder, 'workspace')), port };
  } catch (error) {
    throw new SetupError('usage', `${messageOf(error)}\n${usage}`, error);
  }
}

/**
 * The first signal ends everything in order, a second one at once.
 *
 * @param {() => void} onSecond
 */
function listenForSignals(onSecond) {
  const controller = new AbortController();
  /** @type {number | undefined} */
  let heardAt;
  for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(name, () => {
      if (heardAt === undefined) {
        heardAt = performance.now();
        controller.abort();
      } else if (name !== 'SIGHUP' && performance.now() - heardAt >= sameSignalMs) {
        onSecond();
        process.exit(1);
      }
    });
  }
  return controller.signal;
}

/**
 * Watches the sources, and returns when it sees each of them, so that no change is lost from then on.
 *
 * @param {import('vite').ViteDevServer['watcher']} watcher
 * @param {AbortSignal} signal
 */
async function watch(watcher, signal) {
  watcher.add([join(cloneRoot, 'src'), ...configs.map((name) => join(cloneRoot, name))]);
  const files = readdirSync(join(cloneRoot, 'src'), { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile(),
  );
  const isSeen = (/** @type {import('node:fs').Dirent} */ { parentPath, name }) =>
    watcher.getWatched()[parentPath]?.includes(name);
  while (!signal.aborted && !files.every(isSeen)) await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * Builds after each change of what runs in Node, and has started anew what has become another program by it.
 *
 * @param {import('vite').ViteDevServer['watcher']} watcher
 * @param {import('./dev/node-build.mjs').NodeBuild} nodeBuild
 * @param {import('./dev/served.mjs').Served} served
 * @param {AbortSignal} signal - ends it; a build that has begun is finished
 */
async function takeUpChanges(watcher, nodeBuild, served, signal) {
  /** @type {Set<string>} */
  let changed = new Set();
  /** @type {() => void} */
  let wake = () => undefined;
  const onChange = (/** @type {string} */ event, /** @type {string} */ path) => {
    const name = relative(cloneRoot, path);
    if (event === 'addDir' || event === 'unlinkDir') return;
    if (layersBuilt.some((layer) => name.startsWith(layer))) {
      changed.add(name);
      wake();
    } else if (configs.some((config) => name === config || name.startsWith(config + sep))) {
      say(`${name} has changed: start npm run dev again to use it.`);
    }
  };
  watcher.on('all', onChange);
  signal.addEventListener('abort', () => wake());
  const hasEnded = () => signal.aborted;
  while (!hasEnded()) {
    if (changed.size === 0) await /** @type {Promise<void>} */ (new Promise((resolve) => (wake = resolve)));
    if (hasEnded()) return;
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    const names = [...changed];
    changed = new Set();
    await takeUp(names, nodeBuild, served);
  }
}

/**
 * @param {string[]} names - of the changed files
 * @param {import('./dev/node-build.mjs').NodeBuild} nodeBuild
 * @param {import('./dev/served.mjs').Served} served
 */
async function takeUp(names, nodeBuild, served) {
  const began = performance.now();
  const what =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  let entries;
  try {
    entries = await nodeBuild.run();
  } catch (error) {
    say(`▸ ${what}: the build failed, and the last one goes on.\n${complaint(error)}`);
    return;
  }
  const consequence = await restart(entries, served).catch(
    (/** @type {unknown} */ error) => `the server does not start: ${messageOf(error)}`,
  );
  say(`▸ ${what}: built in ${seconds(performance.now() - began)}; ${consequence}`);
}

/**
 * @param {Set<string>} entries - whose code has changed
 * @param {import('./dev/served.mjs').Served} served
 * @returns {Promise<string>} what was started anew, in words
 */
async function restart(entries, served) {
  if (entries.has('server') || !served.isRunning) {
    await served.restart();
    return 'the server was started again, and pages connect anew.';
  }
  if (entries.has('engine')) {
    served.restartEngine();
    return 'the engine was started again.';
  }
  if (entries.size > 0) return 'jobs that start from now on use it.';
  return 'nothing that runs has changed.';
}

/** @param {unknown} error */
function complaint(error) {
  return stripVTControlCharacters(messageOf(error)).trim();
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
