import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { wat } from './scripts/build/wat.mjs';

/**
 * Everything that runs in Node is one "main" build with several entries, so that chunks are shared. Each
 * worker is an entry of its own, because a worker is started from a file: `src/engine/basics/entry.ts` finds it.
 */
export default defineConfig({
  main: {
    plugins: [wat()],
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          index: resolve('src/main/index.ts'),
          cli: resolve('src/cli/index.ts'),
          engine: resolve('src/engine/process.ts'),
          job: resolve('src/engine/job-process.ts'),
          'import-worker': resolve('src/engine/importing/import-worker.ts'),
          'faces-worker': resolve('src/engine/synthetic/faces-worker.ts'),
          bench: resolve('bench/index.ts'),
          'bench-worker': resolve('bench/worker.ts'),
          'bench-screenshots': resolve('bench/screenshots.ts'),
          'bench-mig-curve': resolve('bench/mig-curve.ts'),
          fuzz: resolve('tests/fuzz/index.ts'),
          'fuzz-child': resolve('tests/fuzz/child.ts'),
          soak: resolve('tests/soak/index.ts'),
        },
        // Of the benchmarks, which drive a browser and build pages for it.
        external: ['playwright-core', 'vite'],
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      // A sandboxed preload script is one CommonJS file.
      rolldownOptions: {
        input: resolve('src/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [svelte({ configFile: resolve('svelte.config.js') })],
    build: {
      outDir: 'out/renderer',
      // Fonts stay files: the content security policy allows no data: addresses for them.
      assetsInlineLimit: 0,
      rolldownOptions: { input: resolve('src/renderer/index.html') },
    },
  },
});
