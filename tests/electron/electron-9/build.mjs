import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build as buildWithVite } from 'vite';
import { bundleForOldNode, bundlePolyfills, chromium83 } from './bundle.mjs';
import { parseJson } from '../../../scripts/setup/json.mjs';

const root = resolve(import.meta.dirname, '../../..');

/**
 * @typedef {object} AppSources - an app of Electron's usual three parts
 * @property {string} main
 * @property {string} preload
 * @property {string} renderer - the folder with index.html
 * @property {string} besideMain - a folder whose files main expects beside its own, such as the engine's program
 */

/**
 * Builds an app for Electron 9 into a folder laid out as out/ is.
 *
 * @param {AppSources} sources
 * @param {string} folder
 */
export async function buildForElectron9(sources, folder) {
  for (const part of ['main', 'preload']) await mkdir(join(folder, part), { recursive: true });
  await bundleForOldNode(sources.main, 'main/index.ts', join(folder, 'main', 'index.cjs'));
  await bundleForOldNode(sources.preload, 'preload.ts', join(folder, 'preload', 'index.cjs'));
  await buildRenderer(sources.renderer, join(folder, 'renderer'));
  await bundlePolyfills(join(folder, 'renderer', 'polyfills.js'));
  const child = join('main', 'utility-child.mjs');
  await copyFile(join(import.meta.dirname, child), join(folder, child));
  await linkBeside(sources.besideMain, join(folder, 'main'));
  const { name, version } = /** @type {{ name: string, version: string }} */ (
    parseJson(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, main: 'main/index.cjs' }));
}

/**
 * A linked program is loaded from where it really lies, and finds its chunks and packages there.
 *
 * @param {string} from
 * @param {string} to
 */
async function linkBeside(from, to) {
  for (const name of await readdir(from)) {
    if (!existsSync(join(to, name))) await symlink(join(from, name), join(to, name));
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
async function buildRenderer(from, to) {
  await buildWithVite({
    root: from,
    configFile: false,
    base: './',
    logLevel: 'warn',
    plugins: [svelte({ configFile: join(root, 'svelte.config.js') }), polyfillFirst(), oldSelectors()],
    build: {
      outDir: to,
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      target: chromium83,
      cssTarget: 'chrome83',
      minify: false,
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  });
}

/**
 * A classic script runs before every module, also before those that the page's own module imports.
 *
 * @returns {import('vite').Plugin}
 */
function polyfillFirst() {
  return {
    name: 'polyfill-first',
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: './polyfills.js' }, injectTo: 'head-prepend' }],
  };
}

/**
 * `:where` and `:is`, which the compiler scopes styles with, by the name that they had then. It counts differently
 * where rules compete, which is good enough to see and to click things.
 *
 * @returns {import('vite').Plugin}
 */
function oldSelectors() {
  return {
    name: 'old-selectors',
    generateBundle: (_options, bundle) => {
      for (const asset of Object.values(bundle)) {
        if (asset.type !== 'asset' || !asset.fileName.endsWith('.css')) continue;
        asset.source = String(asset.source).replace(/:(where|is)\(/g, ':-webkit-any(');
      }
    },
  };
}
