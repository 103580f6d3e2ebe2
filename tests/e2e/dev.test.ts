import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSocket } from '../server/connect-socket.ts';
import { findChromium, openWindow, startBrowser } from './browser.ts';
import { eventually } from '../fixtures/eventually.ts';

const clone = resolve(import.meta.dirname, '../..');
const PATIENCE = { timeout: 50_000 };
const skipped = findChromium() === undefined ? ' (skipped: there is no Chromium)' : '';

/** `npm run dev` in a copy of the clone, whose sources a test may change. */
class Dev {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'unravel-dev-')));
  child!: ChildProcess;
  output = '';
  ended!: Promise<number | null>;

  constructor() {
    for (const name of [
      ...['src', 'scripts', 'resources', 'package.json', 'package-lock.json', 'tsconfig.json'],
      ...['electron.vite.config.ts', 'svelte.config.js'],
    ])
      cpSync(join(clone, name), join(this.root, name), { recursive: true });
    symlinkSync(realpathSync(join(clone, 'node_modules')), join(this.root, 'node_modules'));
  }

  async start(...args: string[]): Promise<string> {
    this.output = '';
    this.child = this.run(...args);
    this.ended = new Promise((done) => this.child.on('close', done));
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    return this.says(/Unravel is open at (http:\S+)\n/);
  }

  run(...args: string[]): ChildProcess {
    return spawn(process.execPath, [join(this.root, 'scripts/dev.mjs'), ...args], {
      cwd: this.root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Waits until it has printed this, and returns the expression's group. */
  says(what: RegExp): Promise<string> {
    return eventually(() => {
      const found = what.exec(this.output);
      if (!found) throw new Error(`${String(what)} is not in:\n${this.output}`);
      return found[1] ?? '';
    });
  }

  edit(file: string, before: string, after: string): void {
    const path = join(this.root, file);
    const text = readFileSync(path, 'utf8');
    expect(text.split(before)).toHaveLength(2);
    writeFileSync(path, text.replace(before, after));
  }

  /** Its processes, itself included. */
  processes(pid = this.child.pid!): number[] {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return [pid, ...children.flatMap((child) => this.processes(Number(child)))];
  }

  async end(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.ended;
  }
}

function runs(pid: number): boolean {
  try {
    // A zombie has ended: only its parent has not asked how.
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.skipIf(skipped)(`npm run dev${skipped}`, () => {
  let dev: Dev;
  let browser: Browser;
  let page: Page;
  let url: string;
  beforeAll(async () => {
    dev = new Dev();
    browser = await startBrowser();
    url = await dev.start();
    ({ page } = await openWindow(browser, url));
    await page.getByText('20,000 codes').first().waitFor(PATIENCE);
    // Gone with the first reload.
    await page.evaluate("window.marker = 'still this page'");
  });
  afterAll(async () => {
    await browser.close();
    await dev.end();
    rmSync(dev.root, { recursive: true, force: true });
  });

  const field = (): ReturnType<Page['locator']> => page.locator('.search-field');
  const found = (name: string): ReturnType<Page['locator']> =>
    page.locator('.search-item').filter({ hasText: name }).first();
  const expectSamePage = async (): Promise<void> =>
    expect(await page.evaluate('window.marker')).toBe('still this page');

  it('shows a changed component without a reload, and keeps what the page holds', async () => {
    await page.keyboard.press('/');
    await field().fill('0001');
    await found('0001').waitFor(PATIENCE);
    dev.edit('src/renderer/shell/TitleBar.svelte', '<span>Search</span>', '<span>Find it</span>');
    await page.getByText('Find it').waitFor(PATIENCE);
    expect(await field().inputValue()).toBe('0001');
    await found('0001').waitFor(PATIENCE);
    await expectSamePage();
  });

  it('answers by a changed engine, which alone is started again, on the same page', async () => {
    const [, server, engine] = dev.processes();
    dev.edit(
      'src/engine/serving/datasets.ts',
      'found.push({ index, name: names[index]! })',
      "found.push({ index, name: 'another ' + names[index]! })",
    );
    await dev.says(
      /▸ src\/engine\/serving\/datasets\.ts: built in [\d.]+ m?s; the engine was started again\.\n/,
    );
    await field().fill('0002');
    await found('another').waitFor(PATIENCE);
    const [, sameServer, otherEngine] = dev.processes();
    expect(sameServer).toBe(server);
    expect(otherEngine).not.toBe(engine);
    expect(runs(engine!)).toBe(false);
    await expectSamePage();
  });

  it('shows what is wrong with a build, and goes on with the one before', async () => {
    const file = 'src/engine/serving/datasets.ts';
    dev.edit(file, "'datasets.search':", "'datasets.search': not TypeScript");
    await dev.says(/▸ src\/engine\/serving\/datasets\.ts: the build failed, and the last one goes on\.\n\S/);
    await field().fill('0003');
    await found('another').waitFor(PATIENCE);
    dev.edit(file, "'datasets.search': not TypeScript", "'datasets.search':");
    await dev.says(/nothing that runs has changed\.\n/);
  });

  it('starts the server again where its code has changed, and the page connects anew by itself', async () => {
    const [, server] = dev.processes();
    dev.edit('src/host/handlers.ts', 'parts.onDescribed();', 'parts.onDescribed(); app.version = "another";');
    await dev.says(
      /▸ src\/host\/handlers\.ts: built in [\d.]+ m?s; the server was started again, and pages connect anew\.\n/,
    );
    await page.getByText('Find it').waitFor(PATIENCE);
    expect(dev.processes()[1]).not.toBe(server);
    // The search sheet was this connection's; another opens over the new one.
    await eventually(async () => {
      await page.keyboard.press('/');
      await field().fill('0004', { timeout: 1000 });
      await found('another').waitFor({ timeout: 1000 });
    });
    await expectSamePage();
  });

  it('lets in whom unravel serve lets in, and no inline script', async () => {
    const answer = async (address: string, origin: string): Promise<number | undefined> =>
      new Promise((done) => {
        const socket = connectSocket(address, { origin });
        socket.on('open', () => {
          socket.terminate();
          done(101);
        });
        socket.on('unexpected-response', (_request, { statusCode }) => done(statusCode));
        socket.on('error', () => undefined);
        void dev.ended.then(() => done(undefined));
      });
    const { origin } = new URL(url);
    expect(await answer(url, 'http://127.0.0.1:1')).toBe(403);
    expect(await answer(`${origin}/#token=guess`, origin)).toBe(401);
    expect(await answer(url, origin)).toBe(101);
    const { headers } = await fetch(origin);
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    expect((await fetch(`${origin}/@fs${clone}/package.json`)).status).toBe(403);
  });

  it('refuses a port that is taken and an option that it does not know, in a sentence', async () => {
    const { port } = new URL(url);
    for (const [args, sentence] of [
      [['--port', port, '--workspace', join(dev.root, 'w')], `Port ${port} is taken by another program.`],
      [['--what'], 'Usage: npm run dev'],
      [[], 'Unravel is already running with the workspace'],
    ] as const) {
      const other = dev.run(...args);
      let said = '';
      other.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
      expect(await new Promise((done) => other.on('close', done))).toBe(1);
      expect(said.split(sentence)).toHaveLength(2);
      expect(said).not.toMatch(/^\s+at /m);
    }
  });

  it('ends with all its processes at Ctrl-C, and where it is killed', async () => {
    const processes = dev.processes();
    expect(processes.length).toBeGreaterThanOrEqual(3);
    dev.child.kill('SIGINT');
    expect(await dev.ended).toBe(0);
    expect(processes.filter(runs)).toEqual([]);

    await dev.start('--workspace', join(dev.root, 'w'));
    await eventually(() => expect(dev.processes().length).toBeGreaterThanOrEqual(3));
    const others = dev.processes();
    dev.child.kill('SIGKILL');
    await eventually(() => expect(others.filter(runs)).toEqual([]));
  });
});
