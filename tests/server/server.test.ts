import { once } from 'node:events';
import { get, request, type IncomingMessage } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { createClient } from '../../src/contract/client.ts';
import { pageAddress } from '../../src/contract/entrance.ts';
import { encodeFrame, MOST_FRAME_BYTES } from '../../src/contract/frames.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import type { Host } from '../../src/host/host.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { startConformanceHost } from '../contract/conformance-host.ts';
import { connectSocket } from './connect-socket.ts';

let folder: string;
let host: Host;
let server: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-server-'));
  const pages = join(folder, 'pages');
  mkdirSync(join(pages, 'assets'), { recursive: true });
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Unravel</title>');
  writeFileSync(join(pages, 'assets/index-1a2b.js'), 'export {};');
  writeFileSync(join(pages, '.hidden.js'), 'hidden');
  writeFileSync(join(folder, 'secret.js'), 'secret');
  mkdirSync(join(folder, 'pages-of-others'));
  writeFileSync(join(folder, 'pages-of-others/secret.js'), 'secret');
  host = await startConformanceHost(join(folder, 'workspace'));
  server = await startServer({
    pages,
    connect: (port) => host.connect(port),
    limits: { pauseAtBytes: 2 ** 20 },
  });
});
afterAll(async () => {
  await host.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => void vi.useRealTimers());

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** Asks for a path exactly as it is written: fetch would tidy it up first. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { port: server.port, host: '127.0.0.1', path, headers, method, agent: false },
      (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        reply.on('end', () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });
}

/** Tries to open the socket; the status of the refusal, or the sub-protocol that was agreed on. */
function tryToOpen(options: ClientOptions = {}, address = server.url): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = connectSocket(address, options);
    socket.once('open', () => {
      resolve(socket.protocol);
      socket.close();
    });
    socket.on('unexpected-response', (_request, reply) => resolve(reply.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
}

function openSocket({ url }: RunningServer = server): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(url);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** The code that a connection is closed with. */
function closing(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', resolve));
}

/** Others are served as if nothing had happened. */
async function expectServing(): Promise<void> {
  const client = createClient(socketPort(await openSocket()));
  expect(await client.request('runs.list', {})).toHaveLength(1);
  client.close();
}

describe('the pages', () => {
  it('are the same for everybody: they contain no secret, and store none in the browser', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('<title>Unravel');
    const asset = await ask('/assets/index-1a2b.js');
    expect(asset).toMatchObject({ status: 200, text: 'export {};' });
    expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8');
    for (const { headers, text } of [page, asset]) {
      expect(headers['set-cookie']).toBe(undefined);
      expect(JSON.stringify(headers) + text).not.toContain(server.token);
    }
  });

  it('have an address whose token no browser sends to a server', () => {
    const { pathname, search, hash } = new URL(server.url);
    expect({ pathname, search }).toEqual({ pathname: '/', search: '' });
    expect(hash).toMatch(/^#token=[\w-]{43}$/);
  });

  it('are refused for another host name that resolves to this server', async () => {
    for (const name of [
      'evil.example',
      `evil.example:${server.port}`,
      '127.0.0.1:1',
      'localhost',
      '127.0.0.1.evil.example',
    ]) {
      expect([name, (await ask('/', { Host: name })).status]).toEqual([name, 403]);
    }
    for (const name of [`localhost:${server.port}`, `[::1]:${server.port}`, `127.0.0.1:${server.port}`]) {
      expect([name, (await ask('/', { Host: name })).status]).toEqual([name, 200]);
    }
  });

  it('are the only files served: no path leads out of their folder', async () => {
    symlinkSync(join(folder, 'secret.js'), join(folder, 'pages/assets/link.txt.none'));
    for (const path of [
      '/../secret.js',
      '/assets/../../secret.js',
      '/..%2fsecret.js',
      '/%2e%2e/secret.js',
      '/assets/..%5c..%5csecret.js',
      '/..\\secret.js',
      '/../pages-of-others/secret.js',
      '//secret.js',
      `/${folder}/secret.js`,
      '/assets/%00.js',
      '/%',
      '/.hidden.js',
      '/assets',
      '/assets/',
      '/assets/link.txt.none',
      '*',
      'http://127.0.0.1/secret.js',
    ]) {
      const { status, text } = await ask(path);
      expect([path, status, text.includes('secret') || text.includes('hidden')]).toEqual([path, 404, false]);
    }
  });

  it('have the same strict headers, as refusals have', async () => {
    for (const reply of [await ask('/'), await ask('/none'), await ask('/', { Host: 'evil.example' })]) {
      const policy = reply.headers['content-security-policy'] as string;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|\*/);
      expect(reply.headers['x-content-type-options']).toBe('nosniff');
      expect(reply.headers['x-frame-options']).toBe('DENY');
      expect(reply.headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('can only be read', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await ask('/', {}, method)).status).toBe(405);
    }
    expect(await ask('/', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });
});

describe('the socket', () => {
  it('opens with the token among its sub-protocols, and answers with another one', async () => {
    expect(await tryToOpen()).toBe('unravel');
    expect(await tryToOpen({ origin: `http://127.0.0.1:${server.port}` })).toBe('unravel');
  });

  it('is refused with another token, from another origin, and for another host name', async () => {
    const wrong = server.token.replace(/./, (letter) => (letter === 'A' ? 'B' : 'A'));
    for (const token of [wrong, `${server.token}x`, server.token.slice(1), 'guess'])
      expect([token, await tryToOpen({}, pageAddress(`http://127.0.0.1:${server.port}`, token))]).toEqual([
        token,
        401,
      ]);
    for (const origin of [
      'https://evil.example',
      'null',
      `http://localhost:${server.port}`,
      `https://127.0.0.1:${server.port}`,
    ]) {
      expect([origin, await tryToOpen({ origin })]).toEqual([origin, 403]);
    }
    const Host = `evil.example:${server.port}`;
    expect(await tryToOpen({ headers: { Host }, origin: `http://${Host}` })).toBe(403);
  });

  it('disconnects a client that sends malformed messages, and serves the others', async () => {
    const text = await openSocket();
    text.send('{"type":"request","id":1,"operation":"jobs.list","input":{}}');
    expect(await closing(text)).toBe(1008);
    for (const garbage of [Buffer.alloc(0), Buffer.from([255, 255, 255, 255, 0]), Buffer.alloc(1000, 7)]) {
      const socket = await openSocket();
      socket.send(garbage);
      expect(await closing(socket)).toBe(1008);
    }
    await expectServing();
  });

  it('refuses a frame that is too large', async () => {
    const socket = await openSocket();
    socket.send(Buffer.alloc(MOST_FRAME_BYTES + 1));
    expect([1006, 1009]).toContain(await closing(socket));
    await expectServing();
  });

  it('ignores bytes that are not a WebSocket frame', async () => {
    const raw = createConnection(server.port, '127.0.0.1');
    raw.on('error', () => undefined);
    raw.resume();
    raw.write(
      `GET /socket HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Protocol: unravel, unravel.token.${server.token}\r\n` +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' +
        '\xff\xff garbage \x00'.repeat(1000),
      'latin1',
    );
    await new Promise((resolve) => raw.on('close', resolve));
    await expectServing();
  });

  it('answers a flood without delaying others, and reads no faster than the client reads', async () => {
    const flooding = await openSocket();
    const frame = encodeFrame({
      type: 'request',
      id: 1,
      operation: 'models.decode',
      input: decodeInput(200),
    });
    // 200 images an answer, 2.4 MB: unread, they would pile up to gigabytes.
    flooding.pause();
    for (let i = 0; i < 500; i++) flooding.send(frame);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 20; i++) await expectServing();
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
    // Who neither reads nor answers is let go.
    const gone = closing(flooding);
    flooding.resume();
    flooding.close();
    await gone;
  });

  it('answers every request of a flood that is read', async () => {
    const socket = await openSocket();
    const count = 5000;
    let heard = 0;
    const all = new Promise<void>((resolve) => {
      socket.on('message', () => {
        heard += 1;
        if (heard === count) resolve();
      });
    });
    const frame = encodeFrame({ type: 'request', id: 1, operation: 'no.such', input: {} });
    for (let i = 0; i < count; i++) socket.send(frame);
    await all;
    socket.close();
  });

  it('disconnects a client that no longer answers', async () => {
    const pingMs = 300;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const own = await startServer({
      pages: folder,
      connect: (port) => host.connect(port),
      limits: { pingMs },
    });
    const [gone, there] = [await openSocket(own), await openSocket(own)];
    // As a machine that was unplugged: nothing is read, nothing is closed.
    gone.pause();
    const client = createClient(socketPort(there));
    for (let look = 0; look < 5; look++) {
      const pinged = once(there, 'ping');
      vi.advanceTimersByTime(pingMs);
      await pinged;
      // The server reads this after the pong that `ws` has sent by itself.
      await client.request('jobs.list', {});
    }
    vi.useRealTimers();
    gone.resume();
    expect(await closing(gone)).toBe(1006);
    expect(there.readyState).toBe(WebSocket.OPEN);
    await own.close();
  });
});

describe('a server', () => {
  it('reports a port that is in use, or an address where it cannot listen', async () => {
    const options = { pages: folder, connect: () => undefined };
    await expect(startServer({ ...options, port: server.port })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(String(server.port)) as string,
    });
    await expect(startServer({ ...options, hostName: '203.0.113.7' })).rejects.toMatchObject({
      code: 'bad-input',
    });
  });

  it('that is opened to a network is reached by its addresses and host names only', async () => {
    const open = await startServer({
      pages: join(folder, 'pages'),
      connect: () => undefined,
      hostName: '0.0.0.0',
    });
    const status = (name: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        get(
          { port: open.port, host: '127.0.0.1', path: '/', headers: { Host: name }, agent: false },
          (reply) => {
            reply.resume();
            resolve(reply.statusCode);
          },
        );
      });
    expect(await status(`192.0.2.1:${open.port}`)).toBe(200);
    expect(await status(`evil.example:${open.port}`)).toBe(403);
    await open.close();
  });

  it('disconnects all clients when it closes, and answers no new ones', async () => {
    const own = await startServer({ pages: folder, connect: (port) => host.connect(port) });
    const socket = await openSocket(own);
    const code = closing(socket);
    await own.close();
    expect(await code).toBe(1001);
    await expect(fetch(own.url)).rejects.toThrow();
  });
});

function decodeInput(count: number): unknown {
  return { run: 'starter', z: { shape: [count, 4], dtype: 'f32', data: new Float32Array(count * 4) } };
}
