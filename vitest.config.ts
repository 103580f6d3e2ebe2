import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { wat } from './scripts/build/wat.mjs';

const renderer = 'tests/renderer/**/*.test.ts';

export default defineConfig({
  test: {
    // Native code lives in the process: a fork each, and two at a time, as many as the smallest machine has cores.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        plugins: [wat()],
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: [renderer],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Components are compiled for a browser, and drawn into happy-dom where a test asks for it.
        plugins: [svelte({ configFile: './svelte.config.js' })],
        resolve: { conditions: ['browser'] },
        test: { name: 'renderer', include: [renderer], testTimeout: 20_000 },
      },
    ],
  },
});
