import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pageAddress } from '../contract/entrance.ts';
import { UnravelError } from '../contract/errors.ts';
import type { Port } from '../contract/port.ts';
import { Pages } from '../host/pages.ts';
import { Access, makeToken } from './access.ts';
import { pageHandler } from './http.ts';
import { refuseConnection } from './refusal.ts';
import { Sockets, type SocketLimits } from './sockets.ts';

/** The options of a server. */
export interface ServerOptions {
  /** The built renderer. */
  readonly pages: string;
  /** Called with the port of each new client. */
  readonly connect: (port: Port) => void;
  /** The address to listen on; the loopback address if left out. */
  readonly hostName?: string;
  /** Any free port if 0 or left out. */
  readonly port?: number;
  readonly token?: string;
  readonly limits?: Partial<SocketLimits>;
  readonly bounds?: Partial<ConnectionBounds>;
}

/** Limits on connections, which apply before a client has presented the token. */
export interface ConnectionBounds {
  /** Time until the headers have arrived. */
  readonly headersMs: number;
  /** Time until the whole request has arrived. */
  readonly requestMs: number;
  /** Time without a byte sent or received, such as where a client does not read. */
  readonly idleMs: number;
  /** Maximum number of open connections, including WebSockets. */
  readonly connections: number;
}

const BOUNDS: ConnectionBounds = { headersMs: 10_000, requestMs: 15_000, idleMs: 30_000, connections: 256 };
/** How long an idle connection is kept for a browser's next request. */
const KEEP_ALIVE_MS = 5000;
/** Answers to errors of Node's HTTP parser; every other error means that the bytes are not HTTP. */
const PARSER_REFUSALS: Readonly<Record<string, [status: number, sentence: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
};

/** A server that listens. */
export interface RunningServer {
  /** The address to open, including the token. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** How long clients may take to close their connections before these are ended. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * Serves the window's pages and their WebSocket.
 *
 * @throws UnravelError `conflict` where the port is in use, `bad-input` where it cannot listen there
 */
export async function startServer({
  pages,
  connect,
  hostName = '127.0.0.1',
  port = 0,
  token = makeToken(),
  limits,
  bounds,
}: ServerOptions): Promise<RunningServer> {
  const server = boundedServer({ ...BOUNDS, ...bounds });
  const access = new Access(token, hostName, () => portOf(server));
  const answer = pageHandler(new Pages(pages), access);
  // Requests with an Expect header are answered like any other.
  for (const event of ['request', 'checkContinue', 'checkExpectation'])
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      answer(request, response).catch(() => response.destroy());
    });
  const sockets = new Sockets(server, access, connect, limits);
  await listen(server, port, hostName);
  return {
    url: pageAddress(`http://${openableHost(hostName)}:${portOf(server)}`, token),
    port: portOf(server),
    token,
    close: () =>
      new Promise((resolve) => {
        sockets.close();
        server.close(() => resolve());
        server.closeIdleConnections();
        const timer = setTimeout(() => {
          sockets.terminate();
          server.closeAllConnections();
        }, CLOSE_TIMEOUT_MS);
        timer.unref();
      }),
  };
}

function boundedServer({ headersMs, requestMs, idleMs, connections }: ConnectionBounds): Server {
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // How often Node checks the two limits above.
    connectionsCheckingInterval: headersMs / 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A missing Host is refused by us, because Node's own answer would lack our headers.
    requireHostHeader: false,
  });
  server.setTimeout(idleMs);
  server.maxConnections = connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // After part of an answer, the client would read a second one as its continuation.
    if (!socket.writable || socket.bytesWritten > 0) socket.destroy();
    else
      refuseConnection(
        socket,
        ...(PARSER_REFUSALS[error.code ?? ''] ?? [400, 'This is not an HTTP request.']),
      );
  });
  return server;
}

function listen(server: Server, port: number, hostName: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(explain(cause, port, hostName)));
    server.listen(port, hostName, resolve);
  });
}

function explain(cause: NodeJS.ErrnoException, port: number, hostName: string): Error {
  if (cause.code === 'EADDRINUSE') {
    return new UnravelError('conflict', `Port ${port} is in use by another program.`, {
      cause,
      hint: 'Name another with --port, or leave it out to use any free port.',
    });
  }
  if (cause.code === 'EACCES') {
    return new UnravelError('bad-input', `This user may not listen on port ${port}.`, {
      cause,
      hint: 'Name a port of 1024 or above.',
    });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return new UnravelError('bad-input', `This machine has no address ${hostName} to listen on.`, { cause });
  }
  return cause;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** The host name for an address that a browser can open; the wildcard addresses become `localhost`. */
function openableHost(hostName: string): string {
  if (hostName === '0.0.0.0' || hostName === '::') return 'localhost';
  return hostName.includes(':') ? `[${hostName}]` : hostName;
}
