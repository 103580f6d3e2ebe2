import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import builder from '../../electron-builder.config.mjs';
import { securityHeaders } from '../../src/host/headers.ts';
import { electronUnderTest, root } from './harness/electron-under-test.ts';
import type { App } from './harness/launch.ts';
import { launchUnravel, makeHome, noElectron } from './harness/unravel.ts';

const electron = electronUnderTest();
/** Electron 9 lets `eval` run whatever the policy says, and shows a page no headers of its own scheme. */
const isOld = 'isOld' in electron && electron.isOld;

const home = makeHome();
let app: App;
/** A server of this machine that nothing of the page may reach. */
let outside: Server;
let outsideUrl: string;
let heard = 0;

const inMain = (body: string): Promise<unknown> =>
  app.main.evaluate(`const [window] = electron.BrowserWindow.getAllWindows(); ${body}`);

/** What the window was made with. */
async function preferences(): Promise<Record<string, unknown>> {
  return (await inMain('return window.webContents.getLastWebPreferences()')) as Record<string, unknown>;
}

/** How many pages there are: windows, and pages within them. */
const pagesOfApp = (): Promise<unknown> => inMain('return electron.webContents.getAllWebContents().length');

/**
 * Lets what must not happen (a navigation, a window) happen: both processes take many turns, each after the other, so
 * that a slow machine gives it more time.
 */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await app.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 5)));
    await inMain('return 0');
  }
}

/** Whether the page can load an address. */
function load(url: string): Promise<string> {
  return fetch(url).then(
    () => 'loaded',
    () => 'refused',
  );
}

/** Whether the page runs a script that is written into it. */
function runsInlineScript(): boolean {
  const script = document.createElement('script');
  script.textContent = 'window.inlineScriptRan = true';
  document.body.append(script);
  return 'inlineScriptRan' in window;
}

/** What the page's policy makes of `eval`: in a turn of its own, since DevTools' expressions may do it. */
function evalLater(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => {
      try {
        (0, eval)('1');
        resolve('it ran');
      } catch (error) {
        resolve((error as Error).name);
      }
    });
  });
}

/** What the page gets where it asks for something of the person's. */
async function askPermissions(): Promise<Record<string, string>> {
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'granted',
      (error: unknown) => (error as Error).name,
    );
  return {
    notifications: await Notification.requestPermission(),
    microphone: await refusal(navigator.mediaDevices.getUserMedia({ audio: true })),
    clipboard: await refusal(navigator.clipboard.readText()),
    place: await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('granted'),
        ({ code }) => resolve(code === 1 ? 'denied' : 'unavailable'),
      ),
    ),
  };
}

/** Electron's checklist (its documentation, tutorial/security), in its order; what each says is proved here. */
const checklist: readonly [number: number, advice: string, proof: () => Promise<void>][] = [
  [
    1,
    'only secure content is loaded',
    async () => {
      for (const url of [outsideUrl, 'file:///etc/passwd', 'app://other/index.html'])
        expect(await app.page.evaluate(load, url), url).toBe('refused');
      await app.page.evaluate((url) => {
        const image = new Image();
        image.src = url;
        document.body.append(image, Object.assign(document.createElement('script'), { src: url }));
        new WebSocket(url.replace('http', 'ws')).onerror = () => undefined;
      }, outsideUrl);
      await settle();
      expect(heard).toBe(0);
    },
  ],
  [
    2,
    'pages have no Node',
    async () => {
      expect(await preferences()).toMatchObject({ nodeIntegration: false });
      const names = ['require', 'process', 'module', 'global', 'Buffer', '__dirname'];
      expect(await app.page.evaluate((all) => all.filter((name) => name in window), names)).toEqual([]);
    },
  ],
  [
    3,
    'preload and page have worlds of their own',
    async () => {
      expect(await preferences()).toMatchObject({ contextIsolation: true });
      // What the page changes of its own world reaches nothing of the bridge's, and the bridge cannot be replaced.
      const door = await app.page.evaluate(() => {
        try {
          Object.assign(window.unravel ?? {}, { door: 'another' });
        } catch {
          // Frozen, in strict mode.
        }
        return window.unravel?.door;
      });
      expect(door).toBe('electron');
    },
  ],
  [
    4,
    'processes of pages are sandboxed',
    async () => expect(await preferences()).toMatchObject({ sandbox: true }),
  ],
  [
    5,
    'no permission is granted',
    async () => {
      const answers = await app.page.evaluate(askPermissions);
      expect(answers).toMatchObject({ notifications: 'denied', place: 'denied' });
      // A machine without a microphone has none to refuse.
      expect(['NotAllowedError', 'NotFoundError']).toContain(answers['microphone']);
      expect(answers['clipboard']).not.toBe('granted');
    },
  ],
  [6, 'webSecurity is on', async () => expect(await preferences()).toMatchObject({ webSecurity: true })],
  [
    7,
    'a policy says what may run',
    async () => {
      expect(securityHeaders()['Content-Security-Policy']).toMatch(
        /^default-src 'none'; script-src 'self'; /,
      );
      expect(await app.page.evaluate(runsInlineScript)).toBe(false);
      if (!isOld) expect(await app.page.evaluate(evalLater)).toBe('EvalError');
    },
  ],
  [
    8,
    'insecure content is not allowed',
    async () => expect(await preferences()).toMatchObject({ allowRunningInsecureContent: false }),
  ],
  [
    9,
    'experimental features are off',
    async () => {
      expect(await preferences()).toMatchObject({ experimentalFeatures: false });
      const on = await inMain(
        `return electron.app.commandLine.hasSwitch('enable-experimental-web-platform-features')`,
      );
      expect(on).toBe(false);
    },
  ],
  [
    10,
    'no feature of Blink is switched on',
    async () => {
      expect((await preferences())['enableBlinkFeatures']).toBeFalsy();
      expect(await inMain(`return electron.app.commandLine.hasSwitch('enable-blink-features')`)).toBe(false);
    },
  ],
  ...(
    [
      [11, 'a page within the page gets no windows: there is none'],
      [12, 'a page within the page is not made'],
    ] as const
  ).map(
    ([number, advice]) =>
      [
        number,
        advice,
        async () => {
          expect(await preferences()).toMatchObject({ webviewTag: false });
          const before = await pagesOfApp();
          await app.page.evaluate((url) => {
            const view = document.createElement('webview');
            view.setAttribute('src', url);
            view.setAttribute('allowpopups', '');
            const frame = document.createElement('iframe');
            frame.src = url;
            document.body.append(view, frame);
          }, outsideUrl);
          await settle();
          expect(await pagesOfApp()).toBe(before);
          expect(heard).toBe(0);
        },
      ] as [number, string, () => Promise<void>],
  ),
  [
    13,
    'the page stays where it is',
    async () => {
      const before = await app.page.evaluate(() => location.href);
      for (const url of [outsideUrl, 'file:///etc/passwd', 'https://evil.example/', 'app://evil/']) {
        await app.page.evaluate((address) => {
          location.href = address;
        }, url);
        await settle();
        expect([url, await app.page.evaluate(() => location.href)]).toEqual([url, before]);
      }
      expect(heard).toBe(0);
    },
  ],
  [
    14,
    'the page opens no window',
    async () => {
      const before = await pagesOfApp();
      await app.page.evaluate((url) => {
        for (const address of [url, location.href, 'about:blank', 'https://evil.example/'])
          window.open(address);
      }, outsideUrl);
      await settle();
      expect(await pagesOfApp()).toBe(before);
      expect(heard).toBe(0);
    },
  ],
  [
    15,
    'nothing is handed to the system to open',
    async () => {
      await inMain(`
        globalThis.openedOutside = [];
        electron.shell.openExternal = async (url) => void globalThis.openedOutside.push(url);
        electron.shell.openPath = async (path) => void globalThis.openedOutside.push(path);`);
      await app.page.evaluate(() => {
        for (const url of [
          'https://evil.example/?what=data',
          'file:///etc/passwd',
          'smb://evil/a',
          'mailto:a@b.c',
        ]) {
          window.open(url);
          const link = Object.assign(document.createElement('a'), { href: url, target: '_blank' });
          document.body.append(link);
          link.click();
          link.remove();
        }
      });
      await settle();
      expect(await inMain('return globalThis.openedOutside')).toEqual([]);
    },
  ],
  [
    16,
    'Electron is current: the line of 27 November 2026 or a later one',
    async () => {
      const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, { version: string }>;
      };
      const [major = 0, minor = 0] = lock.packages['node_modules/electron']!.version.split('.').map(Number);
      expect(major > 45 || (major === 45 && minor >= 5)).toBe(true);
      await Promise.resolve();
    },
  ],
  [
    17,
    'main looks at who sends a message',
    async () => {
      const names = await inMain(
        `return electron.ipcMain.eventNames().map(String).filter((name) => name.startsWith('unravel'))`,
      );
      expect(names).toEqual(['unravel:connect']);
      const frames = [
        { url: 'https://evil.example/', parent: null },
        { url: 'app://unravel.evil.example/', parent: null },
        { url: 'app://unravel/', parent: null },
        // Electron 9 says nothing of frames.
        ...(isOld ? [] : [{ url: 'app://unravel/', parent: {} }, null]),
      ];
      const answered = await inMain(`
        return ${JSON.stringify(frames)}.filter((senderFrame) => {
          let isAnswered = false;
          const sender = {
            getURL: () => senderFrame.url,
            postMessage: (channel, message, ports) => {
              isAnswered = true;
              ports[0].close();
            },
          };
          electron.ipcMain.emit('unravel:connect', { senderFrame, sender });
          return isAnswered;
        });`);
      expect(answered).toEqual([{ url: 'app://unravel/', parent: null }]);
    },
  ],
  [
    18,
    'pages come over a scheme of their own, not over file://',
    async () => {
      expect(await app.page.evaluate(() => location.href)).toBe('app://unravel/');
      expect(await app.page.evaluate(load, `file://${join(root, 'package.json')}`)).toBe('refused');
      const climbed = await app.page.evaluate(() =>
        fetch('app://unravel/..%2f..%2fpackage.json').then((reply) => reply.status),
      );
      expect(climbed).toBe(404);
    },
  ],
  [
    19,
    'fuses switch off what the app does not need (in the program itself: tests/packaging)',
    async () => {
      expect(builder.electronFuses).toEqual({
        runAsNode: false,
        enableCookieEncryption: true,
        enableNodeOptionsEnvironmentVariable: false,
        enableNodeCliInspectArguments: false,
        enableEmbeddedAsarIntegrityValidation: true,
        onlyLoadAppFromAsar: true,
        loadBrowserProcessSpecificV8Snapshot: false,
        grantFileProtocolExtraPrivileges: false,
      });
      await Promise.resolve();
    },
  ],
  [
    20,
    'the page sees nothing of Electron',
    async () => {
      expect(await app.page.evaluate(() => Object.keys(window.unravel ?? {}).sort())).toEqual([
        'door',
        'grantDropped',
      ]);
      const names = ['ipcRenderer', 'electron', 'contextBridge', 'webFrame', 'webUtils', 'electronAPI'];
      expect(await app.page.evaluate((all) => all.filter((name) => name in window), names)).toEqual([]);
    },
  ],
];

describe("Electron's security checklist", () => {
  it('is here to its end, each point once', () => {
    expect(checklist.map(([number]) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe.skipIf(noElectron)(
  `Electron's security checklist, in the window${noElectron ? ` (skipped: ${noElectron})` : ''}`,
  () => {
    beforeAll(async () => {
      outside = createServer((_request, response) => {
        heard += 1;
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.end('from outside');
      });
      await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
      outsideUrl = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/`;
      app = await launchUnravel(home);
      await app.page.find('img', 'Decoded from the live code');
    });
    afterAll(async () => {
      await app.close();
      outside.close();
      home.remove();
    });

    it.each(checklist)('%i: %s', async (_number, _advice, proof) => proof());
  },
);
