import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenOf } from '../../src/contract/entrance.ts';
import { startCli, type Running } from '../cli/run-cli.ts';
import { findChromium, startBrowser } from './browser.ts';
import { eventually } from '../fixtures/eventually.ts';

const skipped = findChromium() === undefined ? ' (skipped: there is no Chromium)' : '';
const PATIENCE = { timeout: 40_000 };

/** Another server of the same host, such as another user's: what browsers tell it. */
interface Eavesdropper {
  readonly server: Server;
  readonly origin: string;
  readonly heard: { url: string; headers: IncomingHttpHeaders }[];
}

async function eavesdrop(page: string): Promise<Eavesdropper> {
  const heard: Eavesdropper['heard'] = [];
  const server = createServer((request, response) => {
    heard.push({ url: request.url ?? '', headers: request.headers });
    response.setHeader('Content-Type', 'text/html');
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

describe.skipIf(skipped)(`the address that unravel serve prints${skipped}`, () => {
  let folder: string;
  let browser: Browser;
  let cli: Running;
  let url: string;
  let token: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'unravel-entrance-'));
    browser = await startBrowser();
    // It keeps the file that it is to open for the test, which opens it with a browser of its own.
    const opener = `#!/bin/sh\nprintf '%s' "$1" > "${folder}/file"\n`;
    writeFileSync(join(folder, 'xdg-open'), opener);
    chmodSync(join(folder, 'xdg-open'), 0o755);
    const printed = new Promise<string>((resolve) => {
      cli = startCli(['serve', '--open', '--json', '--workspace', join(folder, 'workspace')], {
        env: { PATH: folder + delimiter + (process.env['PATH'] ?? ''), XDG_RUNTIME_DIR: folder },
        onOutput: (stdout) => {
          const line = stdout.split('\n').find((one) => one.includes('"serving"'));
          if (line) resolve((JSON.parse(line) as { url: string }).url);
        },
      });
    });
    url = await printed;
    token = tokenOf(new URL(url))!;
    await eventually(() => expect(existsSync(join(folder, 'file'))).toBe(true));
  });
  afterAll(async () => {
    await browser.close();
    cli.process.kill('SIGINT');
    await cli.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const shows = (page: Page): Promise<void> => page.getByText('20,000 codes').first().waitFor(PATIENCE);

  it('is opened by the file of --open, leaves no token in the address, and lets the page be reloaded', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(readFileSync(join(folder, 'file'), 'utf8'));
    await shows(page);
    expect(page.url()).toBe(new URL('/', url).href);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate('Object.values(localStorage).join()')).not.toContain(token);
    await page.reload();
    await shows(page);
    expect(page.url()).toBe(new URL('/', url).href);
    await context.close();
  });

  it('is needed in every other tab: without the token the page says so, and lets nobody in', async () => {
    const context = await browser.newContext();
    await shows(await openIn(context, url));
    const other = await openIn(context, new URL('/', url).href);
    await other.getByText('This page has no access to Unravel.').waitFor(PATIENCE);
    // Given the whole address, in the same tab, it goes on.
    await other.goto(url);
    await shows(other);
    expect(other.url()).toBe(new URL('/', url).href);
    await context.close();
  });

  it('tells another port of the same host nothing, and a page from there may not connect', async () => {
    const page = `<script>
      const tries = ['unravel', 'unravel.token.guess'].map((name) => new Promise((resolve) => {
        const socket = new WebSocket('ws://${new URL(url).host}/socket', [name]);
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('refused');
      }));
      Promise.all(tries).then((found) => (document.title = found.join()));
    </script>`;
    const other = await eavesdrop(page);
    try {
      const context = await browser.newContext();
      const ours = await openIn(context, url);
      await shows(ours);
      const link = await openIn(context, other.origin);
      await link.waitForFunction("document.title !== ''", undefined, PATIENCE);
      expect(await link.title()).toBe('refused,refused');
      expect(await link.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')).toBe('{}');
      // From our page itself, too.
      await ours.goto(`${other.origin}/from-ours`);
      expect(other.heard.map(({ url: path }) => path)).toContain('/from-ours');
      for (const { url: path, headers } of other.heard) {
        expect(headers.cookie).toBe(undefined);
        expect(headers.referer ?? '').not.toContain(new URL(url).host);
        expect(JSON.stringify({ path, headers })).not.toContain(token);
      }
      await context.close();
    } finally {
      other.server.closeAllConnections();
      other.server.close();
    }
  });
});

async function openIn(context: { newPage(): Promise<Page> }, address: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  return page;
}
