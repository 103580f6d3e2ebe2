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

/** What a server is made with. */
export interface ServerOptions {
  /** The built renderer. */
  readonly pages: string;
  /** Takes up a client. */
  readonly connect: (port: Port) => void;
  /** What to listen on; this machine alone if left out. */
  readonly hostName?: string;
  /** 0, or left out: any that is free. */
  readonly port?: number;
  readonly token?: string;
  readonly limits?: Partial<SocketLimits>;
  readonly bounds?: Partial<ConnectionBounds>;
}

/** How long a connection may take, and how many there may be. They hold before anybody has shown a token. */
export interface ConnectionBounds {
  /** Until its headers are here. */
  readonly headersMs: number;
  /** Until its request is here to the end. */
  readonly requestMs: number;
  /** Without a byte either way, such as by a client that does not read. */
  readonly idleMs: number;
  /** So many at once, those of the sockets among them. */
  readonly connections: number;
}

const BOUNDS: ConnectionBounds = { headersMs: 10_000, requestMs: 15_000, idleMs: 30_000, connections: 256 };
/** A browser's next request comes within so long over the same connection, or over another. */
const KEEP_ALIVE_MS = 5000;
/** What is wrong with a request that Node's parser gives up, where it is not simply no HTTP. */
const PARSER_REFUSALS: Readonly<Record<string, [status: number, sentence: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
};

/** A server that listens. */
export interface RunningServer {
  /** The address to open, token and all. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  close(): Promise<void>;
}

/** A client that does not go when it is told to gets so long. */
const GOODBYE_MS = 1000;

/**
 * Serves the window's pages and the WebSocket that they speak over.
 *
 * @throws UnravelError `conflict` where the port is taken, `bad-input` where it cannot listen there
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
  // What a client expects before it sends a body is answered like any other request.
  for (const event of ['request', 'checkContinue', 'checkExpectation'])
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      answer(request, response).catch(() => response.destroy());
    });
  const sockets = new Sockets(server, access, connect, limits);
  await listen(server, port, hostName);
  return {
    url: pageAddress(`http://${shown(hostName)}:${portOf(server)}`, token),
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
        }, GOODBYE_MS);
        timer.unref();
      }),
  };
}

function boundedServer({ headersMs, requestMs, idleMs, connections }: ConnectionBounds): Server {
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // Node looks at its clocks this often.
    connectionsCheckingInterval: headersMs / 2,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Node would answer without our headers.
    requireHostHeader: false,
  });
  server.setTimeout(idleMs);
  server.maxConnections = connections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // After half an answer another would be read as a part of it.
    if (!socket.writable || socket.bytesWritten > 0) socket.destroy();
    else refuseConnection(socket, ...(PARSER_REFUSALS[error.code ?? ''] ?? [400, 'This is no request.']));
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
    return new UnravelError('conflict', `Port ${port} is taken by another program.`, {
      cause,
      hint: 'Name another with --port, or leave it out for any that is free.',
    });
  }
  if (cause.code === 'EACCES') {
    return new UnravelError('bad-input', `This user may not listen on port ${port}.`, {
      cause,
      hint: 'Name one of 1024 or more.',
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

/** An address that can be opened: one that stands for all of the machine's is opened by this machine's own. */
function shown(hostName: string): string {
  if (hostName === '0.0.0.0' || hostName === '::') return 'localhost';
  return hostName.includes(':') ? `[${hostName}]` : hostName;
}
