import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import * as v from 'valibot';
import { createClient, type Client } from '../../src/contract/client.ts';
import { socketEntrance, tokenOf } from '../../src/contract/entrance.ts';
import { UnravelError } from '../../src/contract/errors.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import { removeFolder } from '../../src/system/remove.ts';
import { root, scratchFolder } from '../paths.ts';

/** The line of `unravel serve --json` with the address. */
const ServingSchema = v.object({ url: v.string() });

/** Long enough for a build first. */
const PATIENCE_MS = 180_000;

/** The real `unravel serve`, on a new workspace. */
export interface Served {
  /** The address with the token, as a person opens it. */
  readonly url: string;
  /** Time from the start of the command until it printed its address. */
  readonly startMs: number;
  /** Stops the server and removes the workspace. */
  stop(): Promise<void>;
}

/** Starts `unravel serve` and waits for its address. */
export async function serve(): Promise<Served> {
  const workspace = await mkdtemp(join(scratchFolder(), 'workspace-'));
  const script = join(root, 'scripts/unravel.mjs');
  const start = performance.now();
  const args = [script, 'serve', '--port', '0', '--json', '--workspace', workspace];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const exited = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const serving = v.safeParse(ServingSchema, JSON.parse(line));
      if (serving.success) resolve(serving.output.url);
    });
    const fail = (message: string): void =>
      reject(new UnravelError('internal', message, { hint: complaints.trim() }));
    void exited.then(() => fail('unravel serve ended before it served.'));
    timer = setTimeout(() => {
      child.kill('SIGINT');
      fail('unravel serve does not start.');
    }, PATIENCE_MS);
  }).finally(() => clearTimeout(timer));
  return {
    url,
    startMs: performance.now() - start,
    async stop() {
      child.kill('SIGINT');
      await exited;
      await removeFolder(workspace);
    },
  };
}

/** A client in addition to the window's. */
export async function connectTo({ url }: Served): Promise<Client> {
  const page = new URL(url);
  const { url: address, protocols } = socketEntrance(url, tokenOf(page) ?? '');
  const socket = new WebSocket(address, protocols, { origin: page.origin });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return createClient(socketPort(socket));
}
