#!/usr/bin/env node
import { mkdtempSync, readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './build.mjs';
import { removeFolder } from './setup/remove.mjs';
import { ensureTestTools } from './setup/test-tools.mjs';
import { cloneRoot, ensureSetup, runScript } from './setup.mjs';
import { runChecks } from './test/checks.mjs';
import { parseJson } from './setup/json.mjs';

/**
 * `npm test`: set-up, build, checks, tests. `npm test -- <what vitest takes>` leaves the checks out, and
 * `npm run check` (`--checks`) the tests.
 */
await runScript(async () => {
  process.chdir(cloneRoot);
  const args = process.argv.slice(2);
  await ensureSetup();
  await ensureBuild();

  let checksPass = true;
  if (args.length === 0 || args[0] === '--checks') {
    checksPass = await runChecks({ root: cloneRoot, log: (text) => process.stderr.write(text) });
    if (args[0] === '--checks') return checksPass ? 0 : 1;
  }
  await ensureTestTools({ root: cloneRoot });
  const testsPass = await runTests(args);
  if (!checksPass) process.stderr.write('The tests aside, a check failed: see above.\n');
  return checksPass && testsPass ? 0 : 1;
});

/**
 * Vitest as a person sees it, then one plain line with its counts, which CI reads.
 *
 * @param {string[]} args - what vitest takes
 */
async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'unravel-test-'));
  const report = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    /** @type {number | null} */
    const code = await new Promise((resolve, reject) => {
      const vitest = join(cloneRoot, 'node_modules', 'vitest', 'vitest.mjs');
      const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
        cwd: cloneRoot,
        stdio: 'inherit',
      });
      child.on('error', reject).on('close', (ended, signal) => {
        if (signal !== null) process.stderr.write(`Vitest was ended from outside, by ${signal}.\n`);
        resolve(ended);
      });
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

/**
 * What is read of vitest's report.
 *
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} Report
 */

/** @param {string} report - vitest's, in JSON */
function counts(report) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = /** @type {Report} */ (
      parseJson(readFileSync(report, 'utf8'))
    );
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
