import { realpathSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { resolveConfig } from 'electron-vite';
import { createServer, runnerImport } from 'vite';

const HOST = '127.0.0.1';

/**
 * Serves the window from its sources with hot reload, by Vite's own server, and passes the page's WebSocket on to the
 * server of the workspace, whose port changes when it is started anew. Who may come in is decided as `unravel serve`
 * decides it, by the same class, on this address; what is passed on carries the Host and Origin of the other one.
 *
 * @param {{ root: string, port: number, cache: string, token: string, upstream: () => Promise<number> }} options -
 *   `port`: 0 for any that is free; `upstream`: where the workspace is served, once it is
 */
export async function openWindow({ root, port, cache, token, upstream }) {
  /** @type {(path: string) => Promise<unknown>} */
  const load = async (path) => {
    /** @type {{ module: unknown }} */
    const { module } = await runnerImport(join(root, path), { root, configFile: false, logLevel: 'error' });
    return module;
  };
  const { Access } = /** @type {typeof import('../../src/server/access.ts')} */ (
    await load('src/server/access.ts')
  );
  const { refuseConnection } = /** @type {typeof import('../../src/server/refusal.ts')} */ (
    await load('src/server/refusal.ts')
  );
  const { pageAddress, SOCKET_PATH } = /** @type {typeof import('../../src/contract/entrance.ts')} */ (
    await load('src/contract/entrance.ts')
  );
  const { securityHeaders } = /** @type {typeof import('../../src/host/headers.ts')} */ (
    await load('src/host/headers.ts')
  );

  const { config } = await resolveConfig({ root, logLevel: 'silent' }, 'serve', 'development');
  const vite = await createServer({
    ...config?.renderer,
    cacheDir: cache,
    clearScreen: false,
    logLevel: 'info',
    server: {
      host: HOST,
      port,
      strictPort: port !== 0,
      headers: withInlineStyles(securityHeaders()),
      // Only what this window is made of; libraries may lie behind a link.
      fs: {
        allow: [join(root, 'src'), join(root, 'node_modules'), realpathSync(join(root, 'node_modules'))],
      },
    },
  });
  try {
    await vite.listen();
  } catch (error) {
    await vite.close();
    throw error;
  }
  const address = /** @type {import('node:net').AddressInfo} */ (vite.httpServer?.address());
  const access = new Access(token, HOST, () => address.port);
  /** @type {Set<import('node:stream').Duplex>} */
  const sockets = new Set();

  /**
   * @param {import('node:http').IncomingMessage} incoming
   * @param {import('node:stream').Duplex} socket
   * @param {Buffer} head
   */
  const takeUpgrade = (incoming, socket, head) => {
    // Vite's own socket, for hot reload, is at another path.
    if (incoming.url?.replace(/\?.*/s, '') !== SOCKET_PATH) return;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const { headers } = incoming;
    if (!access.isKnownHost(headers)) refuseConnection(socket, 403, 'This server does not go by that name.');
    else if (!access.isAllowedOrigin(headers))
      refuseConnection(socket, 403, 'Pages of other servers may not connect.');
    else if (!access.hasToken(headers))
      refuseConnection(socket, 401, 'The token is missing, or is not the one of this start.');
    else
      upstream().then(
        (to) => passOn(incoming, socket, head, to),
        () => refuseConnection(socket, 503, 'The server does not run: see what npm run dev has printed.'),
      );
  };
  vite.httpServer?.on('upgrade', takeUpgrade);
  return {
    url: pageAddress(`http://${HOST}:${address.port}`, token),
    watcher: vite.watcher,
    async close() {
      for (const socket of sockets) socket.destroy();
      await vite.close();
    },
  };
}

/**
 * In development Vite puts each component's styles into the page itself. Scripts stay as strict as in the product.
 *
 * @param {Record<string, string>} headers
 */
function withInlineStyles(headers) {
  const name = 'Content-Security-Policy';
  const policy = headers[name]?.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
  return { ...headers, ...(policy === undefined ? {} : { [name]: policy }) };
}

/**
 * Makes the same request of the server at `port`, and from then on passes bytes both ways.
 *
 * @param {import('node:http').IncomingMessage} incoming
 * @param {import('node:stream').Duplex} socket
 * @param {Buffer} head
 * @param {number} port
 */
function passOn(incoming, socket, head, port) {
  const host = `${HOST}:${port}`;
  const { origin, ...headers } = incoming.headers;
  const outgoing = request({
    ...{ host: HOST, port, path: incoming.url, method: 'GET' },
    headers: { ...headers, host, ...(origin === undefined ? {} : { origin: `http://${host}` }) },
  });
  outgoing.on('error', () => socket.destroy());
  outgoing.on('response', (response) => {
    socket.write(headOf(response));
    response.pipe(socket);
  });
  outgoing.on('upgrade', (response, upstream, first) => {
    upstream.on('error', () => socket.destroy());
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.write(headOf(response));
    socket.write(first);
    upstream.write(head);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  socket.on('close', () => outgoing.destroy());
  outgoing.end();
}

/**
 * The first lines of an answer, as they came.
 *
 * @param {import('node:http').IncomingMessage} response
 */
function headOf({ statusCode, statusMessage, rawHeaders }) {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
