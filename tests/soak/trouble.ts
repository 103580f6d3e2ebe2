import { open, unlink } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { encodeFrame } from '../../src/contract/frames.ts';
import type { Random } from '../../src/engine/basics/random.ts';
import type { SoakLog } from './log.ts';
import { sleep, type Served } from './served.ts';
import type { Stage } from './stage.ts';

/** Sends what no client of ours would send: frames cut and changed, texts, requests by strangers. */
export async function sendNonsense(served: Served, random: Random, log: SoakLog): Promise<void> {
  const socket = await served.openSocket();
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.on('error', () => undefined);
  const frame = encodeFrame({
    type: 'request',
    id: 1,
    operation: 'models.decode',
    input: { run: 'x', z: { shape: [1, 4], dtype: 'f32', data: new Float32Array(4) } },
  });
  for (let i = 0; i < 20 && socket.readyState === socket.OPEN; i++) {
    const bytes = Buffer.from(frame);
    const changes = 1 + random.integer(6);
    for (let k = 0; k < changes; k++) bytes[random.integer(bytes.length)] = random.integer(256);
    if (random.uniform() < 0.1) socket.send('a text frame');
    else socket.send(bytes.subarray(0, random.uniform() < 0.3 ? random.integer(bytes.length) : bytes.length));
  }
  socket.close();
  await closed;
  log.did('send malformed frames');
  await knockWithoutToken(served, log);
  await sendGarbage(served, random);
  log.did('send garbage over HTTP');
}

/** Whoever has no token gets no socket. */
async function knockWithoutToken({ url }: Served, log: SoakLog): Promise<void> {
  const { hostname, port } = new URL(url);
  const status = await new Promise<number | undefined>((resolve) => {
    const knock = request({
      hostname,
      port,
      path: '/socket',
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16, 1).toString('base64'),
      },
    });
    knock.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    knock.on('response', ({ statusCode }) => resolve(statusCode));
    knock.on('error', () => resolve(undefined));
    knock.end();
  });
  if (status === 101) log.fault('a socket was opened without the token');
  else log.did('knock without the token');
}

async function sendGarbage({ url }: Served, random: Random): Promise<void> {
  const { hostname, port } = new URL(url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    socket.end(Buffer.from(Array.from({ length: 400 }, () => random.integer(256))));
  });
}

/** SIGKILL for one process of the server, if there is one of that kind. */
export function killOne(served: Served, kind: 'engine' | 'job', random: Random, log: SoakLog): void {
  const pids = served.children(kind);
  const pid = pids[random.integer(Math.max(1, pids.length))];
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
    log.did(`kill the ${kind} process`);
    if (kind === 'engine') log.engineKills += 1;
  } catch {
    // It ended in between.
  }
}

/** Fills the small disk to the last byte for a while, then frees it. */
export async function fillDisk(stage: Stage, log: SoakLog, ms: number): Promise<void> {
  if (!stage.hasOwnDisk) return;
  const path = join(dirname(stage.workspace), 'ballast');
  const ballast = await open(path, 'w');
  const block = Buffer.alloc(2 ** 20, 1);
  try {
    for (;;) await ballast.write(block);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  } finally {
    await ballast.close();
  }
  await sleep(ms);
  await unlink(path);
  log.did('fill the disk');
}
