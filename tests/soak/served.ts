import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import * as v from 'valibot';
import { cacheFolder } from '../../scripts/setup/cache.mjs';
import { createClient, type Client } from '../../src/contract/client.ts';
import { socketEntrance, tokenOf } from '../../src/contract/entrance.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import { root } from './root.ts';
import type { Stage } from './stage.ts';

const ServingSchema = v.object({ url: v.string() });

/** A real `unravel serve` on the stage's workspace. */
export interface Served {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to standard error. */
  readonly complaints: () => string;
  connect(): Promise<Client>;
  /** Opens a socket that has the right token, to send anything over. */
  openSocket(): Promise<WebSocket>;
  /** Processes that it has started, by what they are. */
  children(kind: 'engine' | 'job'): number[];
  /** Resident memory in MB; undefined where the process is gone. */
  memoryMb(pid: number): number | undefined;
  /** As a crash or the end of power: SIGKILL, and the processes it leaves are waited for. */
  kill(): Promise<void>;
  /** As a person ends it: SIGINT. */
  stop(): Promise<void>;
}

/** The environment of every process of a soak: its own home and temporary folder. */
export function environmentOf({ home, temporary }: Stage): NodeJS.ProcessEnv {
  return {
    ...process.env,
    HOME: home,
    TMPDIR: temporary,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_STATE_HOME: join(home, '.local/state'),
    // What set-up keeps there is found by the folder of the real home.
    UNRAVEL_CACHE: cacheFolder(),
  };
}

/** Starts it and waits for its address. */
export async function startServer(stage: Stage): Promise<Served> {
  const args = ['serve', '--port', '0', '--json', '--workspace', stage.workspace];
  const child = spawn(process.execPath, [join(root, 'scripts/unravel.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(stage),
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const serving = v.safeParse(ServingSchema, JSON.parse(line));
      if (serving.success) resolve(serving.output.url);
    });
    void ended.then(() => reject(new Error(`unravel serve ended before it served: ${complaints}`)));
  });
  const pid = child.pid!;
  const openSocket = (): Promise<WebSocket> => openSocketAt(url);
  return {
    url,
    pid,
    complaints: () => complaints,
    openSocket,
    connect: async () => createClient(socketPort(await openSocket())),
    children: (kind) => childrenOf(pid, kind),
    memoryMb,
    kill: () => end(child, 'SIGKILL', ended),
    stop: () => end(child, 'SIGINT', ended),
  };
}

async function openSocketAt(url: string): Promise<WebSocket> {
  const page = new URL(url);
  const { url: address, protocols } = socketEntrance(url, tokenOf(page) ?? '');
  const socket = new WebSocket(address, protocols, { origin: page.origin });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return socket;
}

/** Its processes end after it; the next one needs the workspace to itself. */
async function end(child: ChildProcess, signal: NodeJS.Signals, ended: Promise<void>): Promise<void> {
  const left = [...childrenOf(child.pid!, 'engine'), ...childrenOf(child.pid!, 'job')];
  child.kill(signal);
  await ended;
  while (left.some((pid) => memoryMb(pid) !== undefined)) await sleep(100);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function childrenOf(parent: number, kind: 'engine' | 'job'): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && isChild(pid, parent, kind));
}

function isChild(pid: number, parent: number, kind: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) !== parent) return false;
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${kind}.js`);
  } catch {
    return false;
  }
}

/** A process that has ended and is not yet taken notice of has no memory, and counts as gone. */
function memoryMb(pid: number): number | undefined {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
