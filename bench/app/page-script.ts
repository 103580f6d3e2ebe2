import { join } from 'node:path';
import { build } from 'vite';
import { root } from '../paths.ts';

/**
 * Builds a script of bench/renderer, which runs inside a page and is not part of the app.
 *
 * @param name - of its file, without the ending
 * @returns one script, nothing left to import
 */
export async function buildPageScript(name: string): Promise<string> {
  const built = await build({
    configFile: false,
    root: join(root, 'bench/renderer'),
    logLevel: 'warn',
    build: {
      write: false,
      lib: { entry: join(root, 'bench/renderer', `${name}.ts`), formats: ['iife'], name: 'bench' },
    },
  });
  const [bundle] = [built].flat();
  if (!bundle || !('output' in bundle)) throw new Error(`Vite gave no bundle of ${name}.`);
  return bundle.output[0].code;
}
