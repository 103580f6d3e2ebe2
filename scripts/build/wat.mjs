import { readFile } from 'node:fs/promises';
import createWabt from 'wabt';

/**
 * Lets code import a module in WebAssembly's text format (`*.wat`) as the bytes of the module. For the build and for
 * tests that run from source.
 *
 * @returns {import('vite').Plugin}
 */
export function wat() {
  return {
    name: 'unravel-wat',
    async load(id) {
      const [path = ''] = id.split('?');
      if (!path.endsWith('.wat')) return undefined;
      const wabt = await createWabt();
      const module = wabt.parseWat(path, await readFile(path), { simd: true });
      try {
        module.validate();
        const base64 = Buffer.from(module.toBinary({}).buffer).toString('base64');
        // `atob` is in Node and in browsers.
        return {
          code: `export default Uint8Array.from(atob('${base64}'), (byte) => byte.charCodeAt(0));`,
          map: null,
        };
      } finally {
        module.destroy();
      }
    },
  };
}
