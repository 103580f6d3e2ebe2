import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import { Display } from './display.ts';
import { endWithUs } from './end-with-us.ts';
import { MainProcess } from './main-process.ts';
import { Page } from './page.ts';
import { processesOf, type ProcessKind } from './processes.ts';

/** What to start, and on what. */
export interface LaunchOptions {
  /** The program: Electron's own, or a packaged app's. */
  readonly executable: string;
  /** The app's folder; a packaged app knows its own. */
  readonly app?: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where it keeps its settings; a new, empty folder if left out, removed at the end. */
  readonly profile?: string;
  /** Whether main can be looked into: a packaged app refuses. */
  readonly inspectMain?: boolean;
}

const DEVTOOLS = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//;
const INSPECTOR = /Debugger listening on (ws:\S+)/;
/** What an Electron shows in a window that waits for a click when main has thrown. */
const FAILURE = /A JavaScript error occurred in the main process/;
const START_MS = 60_000;
const PATIENCE_MS = 15_000;

/** A running app under test. */
export interface App {
  readonly page: Page;
  readonly pid: number;
  /** @throws Error where it was launched without `inspectMain` */
  readonly main: MainProcess;
  /** What its processes see of the display. */
  readonly env: NodeJS.ProcessEnv;
  /** Numbers of the processes of a kind that it runs. */
  processes(kind: ProcessKind): Promise<number[]>;
  /** Everything that it has written on standard output and error. */
  output(): string;
  /**
   * Ends as a person ends it: by closing its window.
   *
   * @returns whether it did so within a few seconds; if not, it was killed
   */
  close(): Promise<boolean>;
  /** Ends as a power failure ends it. */
  kill(): Promise<void>;
  /** Resolves when it has ended by itself. */
  ended(): Promise<number | null>;
}

/** Starts an app on a display of its own and connects to its window. */
export async function launch(options: LaunchOptions): Promise<App> {
  const display = process.platform === 'linux' ? await Display.start() : undefined;
  const temporary = options.profile ? undefined : mkdtempSync(join(tmpdir(), 'unravel-profile-'));
  const profile = options.profile ?? temporary ?? '';
  const surroundings = display ? { DISPLAY: display.name, XDG_CONFIG_HOME: profile } : {};
  const child = start(options, profile, surroundings);
  const written = collect(child);
  const tidy = async (): Promise<void> => {
    await display?.stop();
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    const port = Number((await appears(written, child, DEVTOOLS))[1]);
    const main = options.inspectMain
      ? await MainProcess.connect((await appears(written, child, INSPECTOR))[1] ?? '')
      : undefined;
    return appOf(child, surroundings, await connectToWindow(port), main, written, tidy);
  } catch (error) {
    child.kill('SIGKILL');
    await tidy();
    throw new Error(`The app did not start. It said:\n${written.text}`, { cause: error });
  }
}

function start(options: LaunchOptions, profile: string, surroundings: NodeJS.ProcessEnv): ChildProcess {
  const args = [...(options.inspectMain ? ['--inspect=0'] : []), ...argumentsOf(options, profile)];
  const child = spawn(options.executable, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...options.env,
      ...surroundings,
      // No desktop answers on a bus.
      DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    },
  });
  return endWithUs(child);
}

/** What follows the program's name. */
export function argumentsOf({ app, args = [] }: LaunchOptions, profile: string): string[] {
  return [
    ...(app ? [app] : []),
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    // Chromium's own sandbox cannot be made by root; what pages may do is the same without it.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...(process.platform === 'linux' ? ['--enable-unsafe-swiftshader', '--disable-dev-shm-usage'] : []),
    ...args,
  ];
}

interface Written {
  text: string;
}

function collect(child: ChildProcess): Written {
  const written = { text: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (written.text += text));
  }
  return written;
}

async function appears(written: Written, child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  for (const until = performance.now() + START_MS; performance.now() < until;) {
    await sleep(20);
    const found = pattern.exec(written.text);
    if (found) return found;
    if (child.exitCode !== null || child.signalCode !== null || FAILURE.test(written.text)) break;
  }
  throw new Error(`It never wrote ${pattern.source}.`);
}

async function connectToWindow(port: number): Promise<Page> {
  for (const until = performance.now() + START_MS; performance.now() < until;) {
    await sleep(20);
    const targets = await CDP.List({ port });
    const target = targets.find(({ type, url }) => type === 'page' && url !== '' && url !== 'about:blank');
    if (!target) continue;
    const page = await Page.connect(target.webSocketDebuggerUrl);
    await page.until('the page to load', () => page.evaluate(() => document.readyState === 'complete'));
    return page;
  }
  throw new Error('It opened no window.');
}

function appOf(
  child: ChildProcess,
  env: NodeJS.ProcessEnv,
  page: Page,
  main: MainProcess | undefined,
  written: Written,
  tidy: () => Promise<void>,
): App {
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const finish = async (): Promise<void> => {
    await ended;
    await page.disconnect();
    await tidy();
  };
  return {
    page,
    pid: child.pid ?? 0,
    get main() {
      if (!main) throw new Error('It was launched without inspectMain.');
      return main;
    },
    env,
    processes(kind) {
      return processesOf(this.main, this.pid, kind);
    },
    output: () => written.text,
    ended: () => ended,
    async close() {
      let isKilled = false;
      if (child.exitCode === null && child.signalCode === null) {
        // What is not to be looked into ends as the system ends it.
        if (main) await main.closeWindow();
        else child.kill('SIGTERM');
        // Node waits at its end for whoever looks into it.
        await main?.disconnect();
        const timer = setTimeout(() => (isKilled = child.kill('SIGKILL')), PATIENCE_MS);
        await ended;
        clearTimeout(timer);
      }
      await finish();
      return !isKilled;
    },
    async kill() {
      child.kill('SIGKILL');
      await main?.disconnect();
      await finish();
    },
  };
}
