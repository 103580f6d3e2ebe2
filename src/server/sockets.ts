import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { SOCKET_PATH, SUB_PROTOCOL } from '../contract/entrance.ts';
import { MOST_FRAME_BYTES, REQUEST_BOUNDS } from '../contract/frames.ts';
import type { Port } from '../contract/port.ts';
import { socketPort } from '../contract/socket-port.ts';
import type { Access } from './access.ts';
import { pathOf } from './http.ts';
import { refuseConnection } from './refusal.ts';

/** How clients are kept in bounds. */
export interface SocketLimits {
  /** While so much waits to be read by a client, nothing more is read from it. */
  readonly pauseAtBytes: number;
  /** A client that lets so much pile up is let go. */
  readonly dropAtBytes: number;
  /** How often it is looked whether clients are still there; two looks without a sign, and they are let go. */
  readonly pingMs: number;
  /** So many clients at once. */
  readonly clients: number;
}

const LIMITS: SocketLimits = {
  pauseAtBytes: 8 * 2 ** 20,
  dropAtBytes: 512 * 2 ** 20,
  pingMs: 15_000,
  clients: 64,
};
/** How often a paused client is looked at. */
const DRAIN_MS = 20;

/** Takes up WebSocket connections at {@link SOCKET_PATH}. */
export class Sockets {
  readonly #server: WebSocketServer;
  readonly #access: Access;
  readonly #limits: SocketLimits;
  readonly #connect: (port: Port) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #alive = new WeakSet<WebSocket>();
  /** How much a client had not yet read at the last look. */
  readonly #unread = new WeakMap<WebSocket, number>();
  #isClosed = false;

  constructor(
    server: Server,
    access: Access,
    connect: (port: Port) => void,
    limits: Partial<SocketLimits> = {},
  ) {
    this.#access = access;
    this.#connect = connect;
    this.#limits = { ...LIMITS, ...limits };
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: MOST_FRAME_BYTES,
      // Images do not shrink, and a small bomb must not become a large message.
      perMessageDeflate: false,
      // Never the one that carries the token.
      handleProtocols: () => SUB_PROTOCOL,
    });
    // Left alone, `ws` answers what is no handshake itself, without our headers.
    this.#server.on('wsClientError', (_error, socket) =>
      refuseConnection(socket, 400, 'This is no handshake of a WebSocket.'),
    );
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#timer = setInterval(() => this.#ping(), this.#limits.pingMs);
    this.#timer.unref();
  }

  /** Lets every client go. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const client of this.#server.clients) client.close(1001, 'Unravel is being closed.');
    this.#server.close();
  }

  /** Ends what has not gone by itself. */
  terminate(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request);
    if (refusal) refuseConnection(socket, ...refusal);
    else this.#server.handleUpgrade(request, socket, head, (client) => this.#admit(client));
  }

  /** Why a client is not taken up: status and sentence. */
  #refusalOf(request: IncomingMessage): [status: number, sentence: string] | undefined {
    const { headers } = request;
    if (headers.host === undefined) return [400, 'The request does not say which host it is for.'];
    if (!this.#access.knowsHost(headers)) return [403, 'This server does not go by that name.'];
    if (!this.#access.knowsOrigin(headers)) return [403, 'Pages of other servers may not connect.'];
    if (pathOf(request) !== SOCKET_PATH) return [404, 'There is no such socket.'];
    if (!this.#access.mayEnter(headers))
      return [401, 'The token is missing, or is not the one of this start.'];
    if (this.#isClosed) return [503, 'Unravel is being closed.'];
    if (this.#server.clients.size >= this.#limits.clients) return [503, 'Too many windows are open.'];
    return undefined;
  }

  #admit(client: WebSocket): void {
    // Too large, or no frame at all: `ws` closes the connection itself.
    client.on('error', () => undefined);
    client.on('pong', () => this.#alive.add(client));
    this.#alive.add(client);
    this.#connect(this.#bounded(client));
  }

  /** A port that reads nothing more from a client that does not read. */
  #bounded(client: WebSocket): Port {
    const port = socketPort(client, REQUEST_BOUNDS);
    const { pauseAtBytes, dropAtBytes } = this.#limits;
    const drain = (): void => {
      if (client.bufferedAmount > pauseAtBytes && client.readyState === client.OPEN)
        setTimeout(drain, DRAIN_MS);
      else client.resume();
    };
    return {
      ...port,
      post: (message) => {
        port.post(message);
        if (client.bufferedAmount > dropAtBytes) client.terminate();
        else if (client.bufferedAmount > pauseAtBytes && !client.isPaused) {
          client.pause();
          drain();
        }
      },
    };
  }

  #ping(): void {
    for (const client of this.#server.clients) {
      if (this.#hasGone(client)) {
        client.terminate();
        continue;
      }
      this.#alive.delete(client);
      this.#unread.set(client, client.bufferedAmount);
      client.ping();
    }
  }

  /** Whether nothing has been heard of a client since the last look. A paused one's pong is not read: it must read. */
  #hasGone(client: WebSocket): boolean {
    const hasRead = client.bufferedAmount < (this.#unread.get(client) ?? Infinity);
    return !this.#alive.has(client) && !(client.isPaused && hasRead);
  }
}
