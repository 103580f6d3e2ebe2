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

/** Limits on the clients. */
export interface SocketLimits {
  /** While a client has this much unread, nothing is read from it. */
  readonly pauseAtBytes: number;
  /** A client with this much unread is disconnected. */
  readonly dropAtBytes: number;
  /** How often clients are pinged; one that has not answered by the next ping is disconnected. */
  readonly pingMs: number;
  /** Maximum number of connected clients. */
  readonly clients: number;
}

const LIMITS: SocketLimits = {
  pauseAtBytes: 8 * 2 ** 20,
  dropAtBytes: 512 * 2 ** 20,
  pingMs: 15_000,
  clients: 64,
};
/** How often a paused client is checked. */
const DRAIN_MS = 20;

/** Accepts WebSocket connections at {@link SOCKET_PATH}. */
export class Sockets {
  readonly #server: WebSocketServer;
  readonly #access: Access;
  readonly #limits: SocketLimits;
  readonly #connect: (port: Port) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #alive = new WeakSet<WebSocket>();
  /** How much each client had unread at the last ping. */
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
      // Images hardly shrink, and a small compressed message could become a very large one.
      perMessageDeflate: false,
      // The answer never repeats the sub-protocol that carries the token.
      handleProtocols: () => SUB_PROTOCOL,
    });
    // Without this listener `ws` would answer a failed handshake itself, without our headers.
    this.#server.on('wsClientError', (_error, socket) =>
      refuseConnection(socket, 400, 'This is not a WebSocket handshake.'),
    );
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#timer = setInterval(() => this.#ping(), this.#limits.pingMs);
    this.#timer.unref();
  }

  /** Closes the connection of every client. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const client of this.#server.clients) client.close(1001, 'Unravel is being closed.');
    this.#server.close();
  }

  /** Ends the connections that clients have not closed. */
  terminate(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request);
    if (refusal) refuseConnection(socket, ...refusal);
    else this.#server.handleUpgrade(request, socket, head, (client) => this.#admit(client));
  }

  /** Why a client is refused: status and message. */
  #refusalOf(request: IncomingMessage): [status: number, sentence: string] | undefined {
    const { headers } = request;
    if (headers.host === undefined) return [400, 'The request does not say which host it is for.'];
    if (!this.#access.isKnownHost(headers)) return [403, 'This server has another host name.'];
    if (!this.#access.isAllowedOrigin(headers)) return [403, 'Pages of other origins may not connect.'];
    if (pathOf(request) !== SOCKET_PATH) return [404, 'There is no WebSocket at this path.'];
    if (!this.#access.hasToken(headers))
      return [401, 'The token is missing or wrong. Each start of the server has a new one.'];
    if (this.#isClosed) return [503, 'Unravel is being closed.'];
    if (this.#server.clients.size >= this.#limits.clients) return [503, 'Too many windows are open.'];
    return undefined;
  }

  #admit(client: WebSocket): void {
    // After a malformed or too large frame `ws` closes the connection itself.
    client.on('error', () => undefined);
    client.on('pong', () => this.#alive.add(client));
    this.#alive.add(client);
    this.#connect(this.#limitedPort(client));
  }

  /** A port that pauses reading from a client while that does not read. */
  #limitedPort(client: WebSocket): Port {
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
      if (this.#isUnresponsive(client)) {
        client.terminate();
        continue;
      }
      this.#alive.delete(client);
      this.#unread.set(client, client.bufferedAmount);
      client.ping();
    }
  }

  /** Whether a client has not answered the last ping. A paused client's pong is not read, so it must have read. */
  #isUnresponsive(client: WebSocket): boolean {
    const hasRead = client.bufferedAmount < (this.#unread.get(client) ?? Infinity);
    return !this.#alive.has(client) && !(client.isPaused && hasRead);
  }
}
