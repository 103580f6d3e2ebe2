#!/usr/bin/env node
import { mkdtempSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './build.mjs';
import { run } from './setup/commands.mjs';
import { progressLines } from './setup/progress.mjs';
import { removeFolder } from './setup/remove.mjs';
import { ensureTestTools } from './setup/test-tools.mjs';
import { cloneRoot, ensureSetup, runScript } from './setup.mjs';

/** The checks besides the tests; each runs as a program of node_modules. */
const checks = [
  { name: 'prettier', script: 'prettier/bin/prettier.cjs', args: ['--check', '.'] },
  { name: 'eslint', script: 'eslint/bin/eslint.js', args: ['.', '--max-warnings', '0'] },
  { name: 'tsc', script: 'typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'tsc of tests in Electron', script: 'typescript/bin/tsc', args: ['--project', 'tests/packaging'] },
  {
    name: 'svelte-check',
    script: 'svelte-check/bin/svelte-check',
    args: ['--tsconfig', 'tests/renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
];

const node = (script) => join(cloneRoot, 'node_modules', script);

/**
 * `npm test`: set-up, build, checks, tests. `npm test -- <what vitest takes>` leaves the checks out, and
 * `npm run check` (`--checks`) the tests.
 */
await runScript(async () => {
  process.chdir(cloneRoot);
  const args = process.argv.slice(2);
  const progress = progressLines((text) => process.stderr.write(text));
  await ensureSetup();
  await ensureBuild();

  let checksPass = true;
  if (args.length === 0 || args[0] === '--checks') {
    for (const check of checks) checksPass = (await passes(check, progress)) && checksPass;
    if (args[0] === '--checks') return checksPass ? 0 : 1;
  }
  await ensureTestTools({ root: cloneRoot });
  const testsPass = await runTests(args);
  if (!checksPass) process.stderr.write('The tests aside, a check failed: see above.\n');
  return checksPass && testsPass ? 0 : 1;
});

async function passes({ name, script, args }, progress) {
  try {
    await progress.step(name, async () => {
      const { ok, output } = await run(process.execPath, [node(script), ...args], { cwd: cloneRoot });
      if (!ok) throw new Error(output);
    });
    return true;
  } catch (error) {
    process.stderr.write(`${error.message.trim()}\n`);
    return false;
  }
}

/** Vitest as a person sees it, then one plain line with its counts, which CI reads. */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'unravel-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await new Promise((resolve, reject) => {
      const options = { cwd: cloneRoot, stdio: 'inherit' };
      const child = spawn(
        process.execPath,
        [node('vitest/vitest.mjs'), 'run', ...reporters, ...args],
        options,
      );
      child.on('error', reject).on('close', resolve);
    });
    const { passed, failed, skipped } = counts(report);
    // A test file that cannot be loaded, or an error outside any test, has no failed test to its name.
    const failures = failed === 0 && code !== 0 ? 1 : failed;
    process.stdout.write(
      `\n${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
    return failures === 0;
  } finally {
    await removeFolder(folder);
  }
}

function counts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
