import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conformanceCases } from '../contract/conformance.ts';
import { chromium83 } from './electron-9/bundle.mjs';
import type { App } from './harness/launch.ts';
import { launchUnravel, makeHome, noElectron } from './harness/unravel.ts';

/** The cases as one script, for the page. */
async function bundleCases(): Promise<string> {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'conformance-page.ts'),
    transform: { target: chromium83 },
  });
  const { output } = await bundle.generate({ format: 'iife' });
  await bundle.close();
  return output[0].code;
}

describe.skipIf(noElectron)(
  `the contract over Electron's ports${noElectron ? ` (skipped: ${noElectron})` : ''}`,
  () => {
    const home = makeHome();
    let app: App;
    beforeAll(async () => {
      app = await launchUnravel(home);
      await app.page.evaluateText(await bundleCases());
    });
    afterAll(async () => {
      await app.close();
      home.remove();
    });

    for (const { name } of conformanceCases) {
      it(name, async () => {
        await app.page.evaluate((wanted) => window.runConformanceCase(wanted), name);
      });
    }

    it('leaves the page without complaints', () => {
      expect(app.page.complaints).toEqual([]);
    });
  },
);
