import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from './harness/launch.ts';
import { launchUnravel, makeHome, noElectron, unravelCommand } from './harness/unravel.ts';

describe.skipIf(noElectron)(`the window${noElectron ? ` (skipped: ${noElectron})` : ''}`, () => {
  const home = makeHome();
  let app: App;
  beforeAll(async () => {
    app = await launchUnravel(home);
  });
  afterAll(async () => {
    await app.close();
    home.remove();
  });

  const inMain = (body: string): Promise<unknown> =>
    app.main.evaluate(`const [window] = electron.BrowserWindow.getAllWindows(); ${body}`);

  // How long that takes is measured by `npm run bench -- app`.
  it('shows points and a face, and asks nothing', async () => {
    await app.page.until('points and a face', () =>
      app.page.evaluate(() => {
        const face = document.querySelector('[aria-label="Decoded from the live code"] canvas');
        return face !== null && document.body.innerText.includes('20,000 codes');
      }),
    );
    expect(await app.page.has('dialog', /^/)).toBe(false);
    await app.page.screenshot('first-launch');
  });

  it('is one application: a second start brings its window to the front and ends', async () => {
    const { executable, args, env } = await unravelCommand(home);
    await inMain('window.minimize()');
    const second = spawn(executable, args, { stdio: 'ignore', env: { ...process.env, ...env, ...app.env } });
    const [code] = (await once(second, 'exit')) as [number | null];
    expect(code).toBe(0);
    await app.page.until('the window', () => inMain('return !window.isMinimized()') as Promise<boolean>);
    expect(await inMain('return electron.BrowserWindow.getAllWindows().length')).toBe(1);
  });
});

describe.skipIf(noElectron)(`a restart${noElectron ? ` (skipped: ${noElectron})` : ''}`, () => {
  it('finds the window where it was, and ends all its processes at the end', async () => {
    const home = makeHome();
    const bounds = { x: 60, y: 40, width: 1000, height: 700 };
    try {
      const first = await launchUnravel(home);
      await first.page.find('img', 'Decoded from the live code');
      await first.main.evaluate(
        `electron.BrowserWindow.getAllWindows()[0].setBounds(${JSON.stringify(bounds)})`,
      );
      const engine = await first.processes('engine');
      expect(engine).toHaveLength(1);
      expect(await first.close()).toBe(true);
      for (const pid of engine) expect(() => process.kill(pid, 0)).toThrow('ESRCH');

      const second = await launchUnravel(home);
      const found = await second.main.evaluate(
        'return electron.BrowserWindow.getAllWindows()[0].getBounds()',
      );
      await second.close();
      expect(found).toEqual(bounds);
    } finally {
      home.remove();
    }
  });
});
