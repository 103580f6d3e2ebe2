import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildForElectron9 } from './electron-9/build.mjs';
import { electronUnderTest } from './harness/electron-under-test.ts';
import { launch, type App } from './harness/launch.ts';

const electron = electronUnderTest();
const probe = join(import.meta.dirname, 'probe');
const skipped =
  'reason' in electron ? electron.reason : electron.isOld ? undefined : 'this Electron needs none';

/** Whether the page runs a script that is written into it. */
function runsInlineScript(): boolean {
  const script = document.createElement('script');
  script.textContent = 'window.inlineScriptRan = true';
  document.body.append(script);
  return 'inlineScriptRan' in window;
}

/** A small app of its own, so that a failure here is the harness's and not Unravel's. */
describe.skipIf(skipped)(
  `what stands in for today's Electron${skipped ? ` (skipped: ${skipped})` : ''}`,
  () => {
    let folder: string;
    let app: App;
    beforeAll(async () => {
      if ('reason' in electron) return;
      folder = mkdtempSync(join(tmpdir(), 'unravel-probe-'));
      const sources = {
        main: join(probe, 'main.ts'),
        preload: join(probe, 'preload.ts'),
        renderer: probe,
        besideMain: join(probe, 'beside-main'),
      };
      await buildForElectron9(sources, join(folder, 'app'));
      const { executable, env } = electron;
      app = await launch({ executable, app: join(folder, 'app'), env, inspectMain: true });
    });
    afterAll(async () => {
      await app.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const received = (): Promise<unknown[]> => app.page.evaluate(() => window.probeReceived);

    it('serves a scheme with headers, and keeps Node out of the page', async () => {
      expect(await app.page.evaluate(() => location.href)).toBe('probe://app/');
      expect(
        await app.page.evaluate(() => [
          typeof Reflect.get(window, 'require'),
          typeof Reflect.get(window, 'process'),
        ]),
      ).toEqual(['undefined', 'undefined']);
      expect(await app.page.evaluate(runsInlineScript)).toBe(false);
    });

    it('gives the page what its engine lacks', async () => {
      expect(await app.page.evaluate(() => window.probeToday)).toEqual({ at: 3, weakRef: true, clone: true });
    });

    it('carries numbers from a page over a port to a utility process and back, none of them changed', async () => {
      await app.page.click('button', 'Ask');
      await app.page.until('an answer', async () => (await received()).length > 0);
      const [answer] = await received();
      expect(answer).toMatchObject({ argv: ['an argument'], echo: { list: [1, 'two', null] } });
      expect(await app.page.evaluate(() => String(window.probeEcho()))).toBe('1,NaN,-0.5');
    });

    it('hears the last word and the exit code of a process, and knows the frame that asked', async () => {
      await app.page.evaluate(() => window.probeSend('leave'));
      await app.page.until('the exit', async () => (await received()).length > 2);
      expect((await received()).slice(-2)).toEqual([{ leaving: true }, { exit: 7, frame: 'probe://app/' }]);
    });

    it('knows the paths of dropped files and folders', async () => {
      const dropped = join(folder, 'dropped');
      mkdirSync(dropped);
      writeFileSync(join(dropped, 'ä file.txt'), 'text');
      await app.page.drop([dropped, join(dropped, 'ä file.txt')], '#target');
      expect(await app.page.until('the paths', () => app.page.evaluate(() => window.probePaths))).toEqual([
        dropped,
        join(dropped, 'ä file.txt'),
      ]);
    });

    it('refuses to navigate away and to open windows', async () => {
      await app.page.evaluate(() => {
        location.href = 'https://example.invalid/';
        window.open('https://example.invalid/');
      });
      expect(await app.page.evaluate(() => location.href)).toBe('probe://app/');
      expect(await app.main.evaluate('return electron.BrowserWindow.getAllWindows().length')).toBe(1);
    });

    it('answers dialogs for a person', async () => {
      await app.main.answerDialogs(['/somewhere/faces']);
      expect(await app.main.evaluate('return electron.dialog.showOpenDialog({})')).toEqual({
        canceled: false,
        filePath: '/somewhere/faces',
        filePaths: ['/somewhere/faces'],
      });
    });
  },
);
