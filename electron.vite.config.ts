import { resolve } from 'node:path';
import { defineConfig } from 'electron-vite';

/**
 * Everything that runs in Node is one "main" build with several entries, so that chunks are shared. Each
 * worker is an entry of its own, because a worker is started from a file: `src/engine/entry.ts` finds it.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rolldownOptions: {
        input: {
          cli: resolve('src/cli/index.ts'),
          'import-worker': resolve('src/engine/data/import-worker.ts'),
          'faces-worker': resolve('src/engine/synthetic/faces-worker.ts'),
          bench: resolve('bench/index.ts'),
          'bench-worker': resolve('bench/worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
});
