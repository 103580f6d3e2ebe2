import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasDisplay } from '../../scripts/setup/display.mjs';
import { findElectronProgram } from '../../scripts/setup/electron-program.mjs';
import { sandboxFor } from '../../scripts/setup/sandbox.mjs';
import { eventually } from '../fixtures/eventually.ts';

const clone = resolve(import.meta.dirname, '../..');

let folder: string;
let children: ChildProcess[];
let servers: Server[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-start-'));
  children = [];
  servers = [];
});
afterEach(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

/** Runs `npm start` as a person does. */
function start(args: readonly string[], env: Record<string, string>): Started {
  const child = spawn(process.execPath, [join(clone, 'scripts/start.mjs'), ...args], {
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return {
    child,
    output: () => output,
    ended: new Promise((done) => child.on('close', done)),
  };
}

async function served({ output }: Started): Promise<string> {
  return eventually(() => {
    const url = /http:\S+/.exec(output())?.[0];
    if (url === undefined) throw new Error(output());
    return url;
  });
}

/** Something that answers where an X server would. */
async function display(): Promise<string> {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  // X servers listen from port 6000 on.
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `127.0.0.1:${(server.address() as AddressInfo).port - 6000}`;
}

/** A program in Electron's place, which notes how it was called. */
function program(body: string): string {
  const path = join(folder, 'electron');
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/called"\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('npm start', () => {
  it('reports a missing display, serves the app, prints its address and ends at Ctrl-C', async () => {
    const started = start(['--workspace', join(folder, 'w'), '--port', '0'], {});
    const url = await served(started);
    expect(started.output()).toContain('There is no display to open a window on. Serving the same app');
    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Unravel</title>');
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
  });

  it('opens the app where there are an Electron and a display, and ends with it', async () => {
    const UNRAVEL_ELECTRON = program('exit 0');
    const started = start(['--workspace', '/w', '--port', '1'], {
      UNRAVEL_ELECTRON,
      DISPLAY: await display(),
    });
    expect(await started.ended).toBe(0);
    expect(started.output()).not.toContain('Serving');
    const called = readFileSync(join(folder, 'called'), 'utf8').trim().split('\n');
    expect(called[0]).toBe(clone);
    expect(called.slice(-2)).toEqual(['--workspace', '/w']);
    expect(called).not.toContain('--port');
    const { args, remark } = sandboxFor(process.getuid?.());
    expect(called.slice(1, -2)).toEqual(args);
    // Once, in a line of its own, or not at all.
    const said = started
      .output()
      .split('\n')
      .filter((line) => line.includes('sandbox'));
    expect(said).toEqual(remark === undefined ? [] : [remark]);
  });

  it("opens the app in the person's current folder, so that relative paths work", async () => {
    const child = spawn('npm', ['--prefix', clone, 'start', '--silent', '--', 'photos'], {
      cwd: folder,
      env: {
        ...process.env,
        UNRAVEL_ELECTRON: program(`pwd -P > "${folder}/at"; exit 0`),
        DISPLAY: await display(),
        WAYLAND_DISPLAY: '',
      },
      stdio: 'ignore',
    });
    children.push(child);
    expect(await new Promise((done) => child.on('close', done))).toBe(0);
    expect(readFileSync(join(folder, 'at'), 'utf8')).toBe(`${realpathSync(folder)}\n`);
    expect(readFileSync(join(folder, 'called'), 'utf8')).toMatch(/^photos$/m);
  });

  it('serves the app where Electron ends before it has shown anything', async () => {
    const UNRAVEL_ELECTRON = program('exit 127');
    const started = start(['--workspace', join(folder, 'w')], { UNRAVEL_ELECTRON, DISPLAY: await display() });
    await served(started);
    expect(started.output()).toContain('Electron ended with code 127');
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
  });

  it('passes Ctrl-C on to the app, and waits for it', async () => {
    const UNRAVEL_ELECTRON = program(
      `trap 'touch "${folder}/heard"; until test -e "${folder}/may-end"; do sleep 0.02; done; echo orderly > "${folder}/end"; exit 0' INT; touch "${folder}/listens"; while true; do sleep 0.2; done`,
    );
    const started = start([], { UNRAVEL_ELECTRON, DISPLAY: await display() });
    await eventually(() => expect(existsSync(join(folder, 'listens'))).toBe(true));
    started.child.kill('SIGINT');
    await eventually(() => expect(existsSync(join(folder, 'heard'))).toBe(true));
    expect(started.child.exitCode).toBeNull();
    writeFileSync(join(folder, 'may-end'), '');
    expect(await started.ended).toBe(0);
    expect(readFileSync(join(folder, 'end'), 'utf8')).toBe('orderly\n');
  });
});

describe("Chromium's sandbox", () => {
  it('is on for everybody except root, who is told that it is off', () => {
    expect(sandboxFor(1000)).toEqual({ args: [] });
    expect(sandboxFor(undefined)).toEqual({ args: [] });
    const { args, remark } = sandboxFor(0);
    expect(args).toEqual(['--no-sandbox']);
    expect(remark).toMatch(/^Unravel was started as root, so Chromium's sandbox is off[^\n]*$/);
  });
});

describe('a display', () => {
  it('is one that answers, not just a variable', async () => {
    expect(await hasDisplay({}, 'linux')).toBe(false);
    expect(await hasDisplay({ DISPLAY: ':93' }, 'linux')).toBe(false);
    expect(await hasDisplay({ DISPLAY: 'nonsense' }, 'linux')).toBe(false);
    expect(await hasDisplay({ DISPLAY: await display() }, 'linux')).toBe(true);
    const server = createServer((socket) => socket.end());
    servers.push(server);
    await new Promise<void>((done) => server.listen(join(folder, 'wayland-7'), done));
    const wayland = { WAYLAND_DISPLAY: 'wayland-7', XDG_RUNTIME_DIR: folder };
    expect(await hasDisplay(wayland, 'linux')).toBe(true);
    expect(await hasDisplay({ ...wayland, WAYLAND_DISPLAY: 'wayland-8' }, 'linux')).toBe(false);
    expect(await hasDisplay({}, 'darwin')).toBe(true);
  });
});

describe("Electron's program", () => {
  it('is the one that UNRAVEL_ELECTRON names, whatever else there is', () => {
    const path = program('');
    writeFileSync(join(folder, 'version'), 'v45.4.1\n');
    expect(findElectronProgram(undefined, { UNRAVEL_ELECTRON: path })).toEqual({
      found: true,
      path,
      version: '45.4.1',
    });
    expect(findElectronProgram(folder, { UNRAVEL_ELECTRON: '/none' })).toMatchObject({
      found: false,
      message: expect.stringContaining('/none') as string,
    });
  });

  it("else that of npm's package, once its binary is there", () => {
    expect(findElectronProgram(folder, {})).toMatchObject({ found: false });
    expect(findElectronProgram(undefined, {})).toMatchObject({ found: false });
    const dist = join(folder, 'dist');
    writeFileSync(join(folder, 'path.txt'), 'electron');
    program('');
    expect(findElectronProgram(folder, { ELECTRON_OVERRIDE_DIST_PATH: folder })).toMatchObject({
      found: true,
    });
    expect(findElectronProgram(folder, { ELECTRON_OVERRIDE_DIST_PATH: dist })).toMatchObject({
      found: false,
      message: expect.stringContaining(dist) as string,
    });
  });
});
