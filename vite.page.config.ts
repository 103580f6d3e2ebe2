import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { wat } from './scripts/build/wat.mjs';

/**
 * The program of an exported web page: one script and one style sheet, which `src/engine/page` writes into the page. A page
 * that is opened from a disk may load no module and no worker from a file, so everything is inside them.
 */
export default defineConfig({
  root: resolve('src/renderer/page'),
  plugins: [svelte({ configFile: resolve('svelte.config.js') }), wat()],
  worker: { format: 'iife', plugins: () => [wat()] },
  build: {
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: resolve('src/renderer/page/main.ts'),
      output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page.[ext]' },
    },
  },
});
