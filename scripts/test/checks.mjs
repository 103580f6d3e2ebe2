import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from '../setup/commands.mjs';
import { seconds } from '../setup/progress.mjs';

/**
 * A check besides the tests.
 *
 * @typedef {object} Check
 * @property {string} name - for people
 * @property {string} script - a program of node_modules
 * @property {string[]} args
 */

/** What the checks remember of files that have not changed. A new installation of the dependencies empties it. */
const cache = 'node_modules/.cache/unravel';

/** One file is a component or a module with runes, which ESLint reads with a parser of its own. */
const components = ['**/*.svelte', '**/*.svelte.ts'];

/**
 * ESLint, remembering which files were in order. It looks again at a file that has changed, and not at one whose
 * imports have: only a check without this memory, such as CI's of a fresh clone, sees what that does to other files.
 *
 * @param {string} name
 * @param {string[]} args
 * @returns {Check}
 */
function eslint(name, args) {
  const memory = ['--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/${name}.json`];
  return { name, script: 'eslint/bin/eslint.js', args: ['--max-warnings', '0', ...memory, ...args] };
}

/**
 * @param {string} name
 * @param {string} project - folder of its tsconfig.json
 * @returns {Check}
 */
function typescript(name, project) {
  const memory = ['--incremental', '--tsBuildInfoFile', `${cache}/${name}.tsbuildinfo`];
  return { name, script: 'typescript/bin/tsc', args: ['--project', project, ...memory] };
}

/**
 * All of them, the longest first. ESLint runs twice, because each component that it meets between modules makes it check the
 * types of all modules anew.
 *
 * @type {readonly Check[]}
 */
export const checks = [
  eslint('eslint', ['.', ...components.flatMap((pattern) => ['--ignore-pattern', pattern])]),
  eslint('eslint-of-components', components),
  {
    name: 'prettier',
    script: 'prettier/bin/prettier.cjs',
    args: ['--check', '.', '--cache', '--cache-strategy', 'content', '--cache-location', `${cache}/prettier`],
  },
  typescript('tsc', '.'),
  {
    name: 'svelte-check',
    script: 'svelte-check/bin/svelte-check',
    args: ['--tsconfig', 'src/renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  typescript('tsc-of-tests-in-electron', 'tests/electron'),
];

/**
 * Runs all checks, as many at a time as there are processors. Each says in a line of its own that it passed, or what
 * it found.
 *
 * @param {{ root: string, log: (text: string) => void, wanted?: readonly Check[], atOnce?: number }} options
 * @returns {Promise<boolean>} whether all passed
 */
export async function runChecks({ root, log, wanted = checks, atOnce = availableParallelism() }) {
  const waiting = [...wanted];
  let allPass = true;
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = performance.now();
      const script = join(root, 'node_modules', check.script);
      const { ok, output } = await run(process.execPath, [script, ...check.args], { cwd: root });
      const took = seconds(performance.now() - began);
      log(ok ? `▸ ${check.name}: passed, ${took}\n` : `▸ ${check.name}: failed, ${took}\n${output.trim()}\n`);
      allPass &&= ok;
    }
  };
  log(`▸ checks: ${wanted.map(({ name }) => name).join(', ')}\n`);
  await Promise.all(Array.from({ length: atOnce }, lane));
  return allPass;
}
