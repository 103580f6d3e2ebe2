import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, Session } from 'electron';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { windowOptions } from '../../src/main/main-window.ts';
import { isOurs, PAGE_URL, pageAnswer, setupNetwork } from '../../src/main/pages.ts';
import { isFromOurPage, setupContents, setupPermissions } from '../../src/main/security.ts';

const place = { width: 800, height: 600, isMaximized: false };

describe("the window's options", () => {
  it("are those of Electron's security checklist, in development too", () => {
    for (const isDevelopment of [true, false]) {
      const { webPreferences } = windowOptions({ place, preload: '/p', isDark: true, isDevelopment });
      expect(webPreferences).toEqual({
        preload: '/p',
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        safeDialogs: true,
        spellcheck: false,
        devTools: isDevelopment,
      });
    }
  });
});

/** A page's contents, as far as they are guarded. */
class FakeContents extends EventEmitter {
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
}

/** Whether an event that a guarded page causes goes through. */
function guarded(): {
  contents: FakeContents;
  isLetThrough: (event: string, url: string) => boolean;
} {
  const app = new EventEmitter();
  setupContents(app as unknown as App);
  const contents = new FakeContents();
  app.emit('web-contents-created', {}, contents);
  return {
    contents,
    isLetThrough(event, url) {
      let isPrevented = false;
      contents.emit(event, { url, preventDefault: () => (isPrevented = true) });
      return !isPrevented;
    },
  };
}

/** Addresses that begin like ours, or mean something else. */
const FOREIGN = [
  'https://evil.example/',
  'app://unravel.evil.example/',
  'app://evil/',
  'app:unravel',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,<h1>',
  'about:blank',
  '',
];

describe('a page', () => {
  it('may reload, and cannot navigate elsewhere', () => {
    const { isLetThrough } = guarded();
    expect(isLetThrough('will-navigate', PAGE_URL)).toBe(true);
    for (const url of FOREIGN) expect([url, isLetThrough('will-navigate', url)]).toEqual([url, false]);
    for (const url of [PAGE_URL, ...FOREIGN]) expect(isLetThrough('will-redirect', url)).toBe(false);
    expect(isLetThrough('will-attach-webview', PAGE_URL)).toBe(false);
  });

  it('opens no window, whatever the address', () => {
    const { contents } = guarded();
    for (const url of [
      PAGE_URL,
      'https://arxiv.org/abs/1312.6114',
      ...FOREIGN,
      'http://a.example',
      'smb://a/b',
    ])
      expect(contents.openHandler!({ url })).toEqual({ action: 'deny' });
  });

  it('gets no permission but to fill the screen from our own page, and downloads nothing', () => {
    type Answer = (granted: boolean) => void;
    let request: ((contents: unknown, permission: string, answer: Answer) => void) | undefined;
    let check: (() => boolean) | undefined;
    const session = Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: (handler: typeof request) => (request = handler),
      setPermissionCheckHandler: (handler: typeof check) => (check = handler),
    });
    setupPermissions(session as unknown as Session);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'new',
    ]) {
      let granted: boolean | undefined;
      request!(undefined, permission, (answer) => (granted = answer));
      expect([permission, granted]).toEqual([permission, false]);
    }
    const mayFillScreen = (url: string): boolean | undefined => {
      let granted: boolean | undefined;
      request!({ getURL: () => url }, 'fullscreen', (answer) => (granted = answer));
      return granted;
    };
    expect(mayFillScreen(PAGE_URL)).toBe(true);
    expect(mayFillScreen('https://example.org/')).toBe(false);
    expect(check!()).toBe(false);
    let isPrevented = false;
    session.emit('will-download', { preventDefault: () => (isPrevented = true) });
    expect(isPrevented).toBe(true);
  });

  it('loads only from its own origin', () => {
    let listener:
      ((details: { url: string }, answer: (response: { cancel: boolean }) => void) => void) | undefined;
    const webRequest = { onBeforeRequest: (heard: typeof listener) => (listener = heard) };
    setupNetwork({ webRequest } as unknown as Session);
    const isCancelled = (url: string): boolean | undefined => {
      let cancelled: boolean | undefined;
      listener!({ url }, ({ cancel }) => (cancelled = cancel));
      return cancelled;
    };
    for (const url of [
      PAGE_URL,
      `${PAGE_URL}assets/a.js`,
      'blob:app://unravel/1-2',
      'data:image/png;base64,',
    ])
      expect([url, isCancelled(url)]).toEqual([url, false]);
    for (const url of FOREIGN.filter((one) => !one.startsWith('data:')))
      expect([url, isCancelled(url)]).toEqual([url, true]);
    expect(isCancelled('ws://127.0.0.1:1/')).toBe(true);
  });
});

describe('a message to main', () => {
  it("is accepted only from our page's main frame", () => {
    expect(isFromOurPage({ senderFrame: { url: PAGE_URL, parent: null } })).toBe(true);
    // A page within the page, and a frame that has gone while its message was on the way.
    expect(isFromOurPage({ senderFrame: { url: PAGE_URL, parent: {} } })).toBe(false);
    expect(isFromOurPage({ senderFrame: null })).toBe(false);
    for (const url of FOREIGN) {
      expect(isOurs(url)).toBe(false);
      expect(isFromOurPage({ senderFrame: { url, parent: null } })).toBe(false);
    }
  });
});

describe('app://unravel/', () => {
  let folder: string;
  let answer: ReturnType<typeof pageAnswer>;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'unravel-pages-'));
    mkdirSync(join(folder, 'pages'));
    writeFileSync(join(folder, 'pages/index.html'), '<title>Unravel</title>');
    writeFileSync(join(folder, 'secret.js'), 'secret');
    answer = pageAnswer(join(folder, 'pages'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is the built page, with a strict policy', async () => {
    const page = await answer({ url: PAGE_URL, method: 'GET' });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Unravel');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const policy = page.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|https?:|\*/);
  });

  it.each([
    '../secret.js',
    '%2e%2e/secret.js',
    '..%2fsecret.js',
    '..%5csecret.js',
    'none.js',
    '%',
    '.hidden',
  ])('has no %s', async (path) => {
    const reply = await answer({ url: PAGE_URL + path, method: 'GET' });
    expect(reply.status).toBe(404);
    expect(await reply.text()).not.toContain('secret');
    expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('refuses another host, and methods other than GET', async () => {
    for (const request of [
      { url: 'app://evil/', method: 'GET' },
      { url: PAGE_URL, method: 'POST' },
    ]) {
      expect((await answer(request)).status).toBe(403);
    }
  });
});
