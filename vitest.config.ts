import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { wat } from './scripts/build/wat.mjs';

const renderer = 'tests/renderer/**/*.test.ts';

/** Tests of these folders drive a browser or a window, and take minutes. */
const longest = ['/tests/e2e/', '/tests/electron/', '/tests/packaging/'];

/** Begins with the longest tests: one that was begun last would run on alone, on one processor. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      longest.some((folder) => moduleId.includes(folder));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    // Native code lives in the process, so each file has a process of its own. The smallest machine has two cores; a third
    // process uses the time in which the others wait for the processes that they started.
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [wat()],
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: [renderer],
          setupFiles: ['tests/fixtures/property-seed.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Components are compiled for a browser, and drawn into happy-dom where a test asks for it.
        plugins: [svelte({ configFile: './svelte.config.js' })],
        resolve: { conditions: ['browser'] },
        test: {
          name: 'renderer',
          include: [renderer],
          setupFiles: ['tests/fixtures/property-seed.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
