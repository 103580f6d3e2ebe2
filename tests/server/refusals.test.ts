import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { securityHeaders } from '../../src/host/headers.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../src/server/server.ts';
import { eventually } from '../fixtures/eventually.ts';

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-refusals-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Unravel</title>');
  // More than a connection's buffers take, so that a client that does not read is waited for.
  writeFileSync(join(folder, 'assets/large.js'), '');
  truncateSync(join(folder, 'assets/large.js'), 64 * 2 ** 20);
  server = await startServer({ pages: folder, connect: () => undefined });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string>;
}

/**
 * Sends bytes over a connection of its own and reads until the server has let go of it. A client that only hears that
 * nothing more comes keeps its own side open, and would hold a connection that is half closed for ever.
 */
function send(port: number, bytes: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    let writing: NodeJS.Timeout | undefined;
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    // What is written to a connection that is gone fails, and to one that is half closed does not.
    socket.on('end', () => (writing = setInterval(() => socket.write('x'), 20)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(writing);
      const [head = ''] = text.split('\r\n\r\n');
      const [first = '', ...lines] = head.split('\r\n');
      const headers = lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]);
      resolve({
        status: first === '' ? undefined : Number(first.split(' ')[1]),
        headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      });
    });
    socket.write(bytes, 'latin1');
  });
}

const upgrade = (path: string, lines: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...lines]
    .map((line) => `${line}\r\n`)
    .join('') + '\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const token = (): string => `Sec-WebSocket-Protocol: unravel, unravel.token.${server.token}`;
const host = (): string => `Host: 127.0.0.1:${server.port}`;

describe('a refused request', () => {
  it.each<[name: string, status: number, bytes: () => string]>([
    ['a request without a Host', 400, () => 'GET / HTTP/1.1\r\n\r\n'],
    ['an old request without a Host', 400, () => 'GET / HTTP/1.0\r\n\r\n'],
    [
      'a request for another host name that resolves to this server',
      403,
      () => 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    ],
    ['a malformed Host', 403, () => 'GET / HTTP/1.1\r\nHost: [\r\n\r\n'],
    ['a path that does not exist', 404, () => `GET /none HTTP/1.1\r\n${host()}\r\n\r\n`],
    [
      'a request that would change something, with a body that never comes',
      405,
      () => `POST / HTTP/1.1\r\n${host()}\r\nContent-Length: 1000000\r\n\r\n`,
    ],
    [
      'a body that waits for 100-continue',
      405,
      () => `POST / HTTP/1.1\r\n${host()}\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
    ],
    ['an unsupported Expect header', 417, () => `GET / HTTP/1.1\r\n${host()}\r\nExpect: magic\r\n\r\n`],
    ['bytes that are not HTTP', 400, () => '\x16\x03\x01 hello\r\n\r\n'],
    [
      'a header that is too large',
      431,
      () => `GET / HTTP/1.1\r\n${host()}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ],
    ['a socket at another path', 404, () => upgrade('/other', [host(), KEY, token()])],
    ['a socket without the token', 401, () => upgrade('/socket', [host(), KEY])],
    [
      'a socket with another token',
      401,
      () => upgrade('/socket', [host(), KEY, 'Sec-WebSocket-Protocol: unravel, unravel.token.guess']),
    ],
    [
      'a socket with the token where it would be logged: in its address',
      401,
      () => upgrade(`/socket?token=${server.token}`, [host(), KEY]),
    ],
    [
      'a socket with the token where other ports would get it: in a cookie',
      401,
      () => upgrade('/socket', [host(), KEY, `Cookie: unravel-${server.port}=${server.token}`]),
    ],
    [
      'a socket from a page of another port of this host',
      403,
      () => upgrade('/socket', [host(), KEY, token(), 'Origin: http://127.0.0.1:1']),
    ],
    ['a socket without a Host', 400, () => upgrade('/socket', [KEY, token()])],
    ['a socket for another host name', 403, () => upgrade('/socket', ['Host: evil.example', KEY, token()])],
    ['a socket with an incomplete handshake', 400, () => upgrade('/socket', [host(), token()])],
  ])(
    '%s is answered with the reason and the security headers, and its connection is closed',
    async (_, status, bytes) => {
      const answer = await send(server.port, bytes());
      expect(answer.status).toBe(status);
      const promised = securityHeaders();
      const found = Object.fromEntries(
        Object.keys(promised).map((name) => [name, answer.headers[name.toLowerCase()]]),
      );
      const policy = found['Content-Security-Policy'] ?? '';
      // For our own address the policy names the socket, for browsers that need it.
      found['Content-Security-Policy'] = policy.replace(` ws://127.0.0.1:${server.port}`, '');
      expect(found).toEqual(promised);
      expect(answer.headers['connection']).toBe('close');
      expect(JSON.stringify(answer.headers)).not.toContain(server.token);
    },
  );

  it('is disconnected without an answer where none is possible', async () => {
    const answer = await send(server.port, `CONNECT evil.example:443 HTTP/1.1\r\n${host()}\r\n\r\n`);
    expect(answer.status).toBe(undefined);
  });
});

/** Connections to a server, all of them ended with the test. */
async function holding(
  bounds: NonNullable<ServerOptions['bounds']>,
  work: (own: RunningServer, connect: () => Promise<Socket>) => Promise<void>,
): Promise<void> {
  const own = await startServer({ pages: folder, connect: () => undefined, bounds });
  const sockets: Socket[] = [];
  const connect = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = createConnection({ port: own.port, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      socket.once('connect', () => resolve(socket));
      sockets.push(socket);
    });
  try {
    await work(own, connect);
  } finally {
    for (const socket of sockets) socket.destroy();
    await own.close();
  }
}

const isServed = async (own: RunningServer): Promise<void> => {
  const { status } = await send(own.port, `GET /none HTTP/1.1\r\nHost: 127.0.0.1:${own.port}\r\n\r\n`);
  if (status !== 404) throw new Error('Nobody answered.');
};

describe('a client that is slow', () => {
  it.each<[name: string, dawdle: (socket: Socket, address: string) => NodeJS.Timeout | undefined]>([
    ['says nothing', () => undefined],
    [
      'sends its headers byte by byte',
      (socket, address) => {
        socket.write(`GET / HTTP/1.1\r\n${address}\r\nX: `);
        return setInterval(() => socket.write('x'), 20);
      },
    ],
    [
      'sends its body byte by byte',
      (socket, address) => {
        socket.write(`GET / HTTP/1.1\r\n${address}\r\nContent-Length: 1000000\r\n\r\n`);
        return setInterval(() => socket.write('x'), 20);
      },
    ],
    [
      'asks for a page and does not read it',
      (socket, address) => {
        socket.pause();
        socket.write(`GET /assets/large.js HTTP/1.1\r\n${address}\r\n\r\n`);
        return undefined;
      },
    ],
  ])('and %s is disconnected after a while', async (_, dawdle) => {
    const bounds = { headersMs: 300, requestMs: 400, idleMs: 500, connections: 1 };
    await holding(bounds, async (own, connect) => {
      const timer = dawdle(await connect(), `Host: 127.0.0.1:${own.port}`);
      try {
        await eventually(() => isServed(own));
      } finally {
        clearInterval(timer);
      }
    });
  });

  it('is one of a limited number of connections', async () => {
    await holding({ connections: 3 }, async (own, connect) => {
      const there = [await connect(), await connect(), await connect()];
      await expect(isServed(own)).rejects.toThrow('Nobody answered.');
      there[0]!.destroy();
      await eventually(() => isServed(own));
    });
  });
});
