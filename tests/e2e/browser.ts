import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { SOCKET_PATH } from '../../src/contract/entrance.ts';
import { decodeFrame } from '../../src/contract/frames.ts';
import { findChromium } from '../../scripts/setup/test-tools.mjs';

export { findChromium };

/** Pictures of every view for people to look at, where UNRAVEL_SCREENSHOTS is set; ignored by git. */
const SCREENSHOTS = join(import.meta.dirname, '../screenshots');

export const SIZES = {
  small: { width: 1280, height: 800 },
  large: { width: 1920, height: 1080 },
} as const;
export const THEMES = ['dark', 'light'] as const;

/** A real Chromium with software WebGL. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('There is no Chromium to test with.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** The requests of each window that have no answer yet. */
const unanswered = new WeakMap<Page, Set<number>>();

/** Follows what a window asks over its WebSocket. */
function followRequests(page: Page): void {
  page.on('websocket', (socket) => {
    // In development the page has a second one, Vite's, for hot reload.
    if (new URL(socket.url()).pathname !== SOCKET_PATH) return;
    const ids = new Set<number>();
    unanswered.set(page, ids);
    const read = (payload: string | Buffer): { type: string; id: number } =>
      decodeFrame(Buffer.from(payload)) as { type: string; id: number };
    socket.on('framesent', ({ payload }) => {
      const { type, id } = read(payload);
      if (type === 'request') ids.add(id);
    });
    socket.on('framereceived', ({ payload }) => {
      const { type, id } = read(payload);
      if (type === 'response' || type === 'failure') ids.delete(id);
    });
    socket.on('close', () => ids.clear());
  });
}

/** Lets the window draw. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
  );
}

/** Waits until all that the window has asked is answered and drawn, and it asks nothing more because of that. */
export async function answered(page: Page): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    await drawn(page);
    quiet = (unanswered.get(page)?.size ?? 0) === 0 ? quiet + 1 : 0;
  }
}

/** A new window; what its console complains of fails the test that asks for it. */
export async function openWindow(
  browser: Browser,
  url: string,
  { theme = 'dark', size = 'small' }: { theme?: (typeof THEMES)[number]; size?: keyof typeof SIZES } = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  followRequests(page);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, complaints };
}

/** Drops a file or a whole folder on the middle of the window, as a file manager does. */
export async function dropOnWindow(page: Page, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  const at = { x: width / 2, y: height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  }
  await session.detach();
}

async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

/** Shows the view in both themes and sizes, of which nothing may be complained on the console, and keeps pictures. */
export async function screenshots(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      await answered(page);
      if (process.env['UNRAVEL_SCREENSHOTS']) await screenshot(page, `${name}-${theme}-${size}`);
    }
  }
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  if (before) await page.setViewportSize(before);
}

/** What axe-core finds wrong and calls serious or critical, in words. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // Through the debugger's door, because the page's own policy lets no script in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    'axe.run(document, { resultTypes: ["violations"] })',
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
}
