import { existsSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;

/** The file that locks are taken with. Its package finds it by a program that is too new for Node 12. */
const locks = join(
  dirname(createRequire(import.meta.url).resolve('fs-native-extensions')),
  'prebuilds',
  `${process.platform}-${process.arch}`,
  'fs-native-extensions.node',
);

/**
 * As years: by the engines' own names the bundler leaves private methods alone, which neither of them knows.
 */
const node12 = 'es2019';
export const chromium83 = 'es2020';

/**
 * Resolves `electron`, Node's own modules and the package of locks to what stands in for them here, and their names
 * within the stand-ins to the old ones themselves.
 *
 * @param {string} electron
 * @returns {import('rolldown').Plugin}
 */
function standIns(electron) {
  const builtins = new Set(builtinModules);
  return {
    name: 'electron-9',
    resolveId: (source, importer) => {
      const isOurs = importer?.startsWith(here) ?? false;
      if (source === 'electron') return isOurs ? { id: source, external: true } : join(here, electron);
      if (source === 'fs-native-extensions') return join(here, 'locks.ts');
      const name = source.replace(/^node:/, '');
      if (!builtins.has(name)) return null;
      const standIn = join(here, 'node', `${name.replaceAll('/', '-')}.ts`);
      if (existsSync(standIn) && importer !== standIn) return standIn;
      // Node 12 does not know the prefix.
      return { id: name, external: true };
    },
  };
}

/**
 * Bundles main or preload, with all that it imports, into one CommonJS file for Electron 9.
 *
 * @param {string} entry - the product's file
 * @param {'main/index.ts' | 'preload.ts'} electron - what `electron` is, relative to this folder
 * @param {string} file - what to write
 */
export function bundleForOldNode(entry, electron, file) {
  /** @type {import('rolldown').InputOptions} */
  const options = {
    input: entry,
    platform: 'node',
    plugins: [standIns(electron)],
    transform: {
      target: electron === 'preload.ts' ? chromium83 : node12,
      define: { LOCKS: JSON.stringify(locks) },
    },
  };
  return bundle(options, { file, format: 'cjs' });
}

/**
 * Bundles the page's polyfills into a classic script.
 *
 * @param {string} file - what to write
 */
export function bundlePolyfills(file) {
  const input = join(here, 'page.ts');
  return bundle({ input, platform: 'browser', transform: { target: chromium83 } }, { file, format: 'iife' });
}

/**
 * @param {import('rolldown').InputOptions} options
 * @param {import('rolldown').OutputOptions} output
 */
async function bundle(options, output) {
  const made = await rolldown({ logLevel: 'warn', ...options });
  try {
    await made.write({ codeSplitting: false, ...output });
  } finally {
    await made.close();
  }
}
