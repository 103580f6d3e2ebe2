#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { launch } from './launch.mjs';
import { cloneRoot } from './setup.mjs';

const argv = process.argv.slice(2);
if (argv.includes('--sizes')) {
  // Every view at every size in both themes, for people to look at: in tests/screenshots/sizes, which git ignores. The
  // test that measures them takes the pictures.
  const vitest = join(cloneRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'tests/e2e/every-size.test.ts'], {
    cwd: cloneRoot,
    stdio: 'inherit',
    env: { ...process.env, UNRAVEL_SIZES: join(cloneRoot, 'tests', 'screenshots', 'sizes') },
  });
  process.exitCode = status ?? 1;
} else {
  // The README's pictures, in docs/.
  await launch('bench-screenshots', argv);
}
