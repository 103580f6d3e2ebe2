import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { tokenAmong } from '../contract/entrance.ts';

/** A random token of 32 bytes, encoded for use in a URL. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Decides who may connect. A page of another site can make a browser send requests here, and can even make its own host
 * name resolve to our address (DNS rebinding). So a client needs the token, and `Host` and `Origin` are checked.
 */
export class Access {
  readonly #token: Buffer;
  readonly #isLoopback: boolean;
  readonly #hostName: string;
  readonly #port: () => number;

  /**
   * @param hostName - the host name or address that the server listens on
   * @param port - called when needed, because the port is known only once the server listens
   */
  constructor(token: string, hostName: string, port: () => number) {
    this.#token = digest(token);
    this.#hostName = hostName;
    this.#isLoopback = isLoopback(hostName);
    this.#port = port;
  }

  /** Whether the `Host` header names this server, and not another host name that resolves to its address. */
  isKnownHost({ host }: IncomingHttpHeaders): boolean {
    if (host === undefined) return false;
    let url: URL;
    try {
      url = new URL(`http://${host}`);
    } catch {
      return false;
    }
    if (url.host !== host.toLowerCase() && `${url.host}:80` !== host) return false;
    if (Number(url.port || 80) !== this.#port()) return false;
    return this.#isOurs(url.hostname);
  }

  /** Whether the request comes from one of our pages, or from no page. Browsers send `Origin` with each socket. */
  isAllowedOrigin({ origin, host }: IncomingHttpHeaders): boolean {
    return (
      origin === undefined || (host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`)
    );
  }

  /** Whether a client that opens the socket presents the token. */
  hasToken(headers: IncomingHttpHeaders): boolean {
    const token = tokenAmong(headers['sec-websocket-protocol']);
    return token !== undefined && this.#isToken(token);
  }

  #isOurs(name: string): boolean {
    const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
    if (isLoopback(bare)) return true;
    if (this.#isLoopback) return false;
    // A server that was opened to a network is reached by address, by its `--host` name, or by the machine's name.
    return isIP(bare) !== 0 || bare === this.#hostName.toLowerCase() || bare === hostname().toLowerCase();
  }

  #isToken(candidate: string): boolean {
    // All digests have the same length, so that the comparison takes the same time for every candidate.
    return timingSafeEqual(digest(candidate), this.#token);
  }
}

/** Whether a host name always means this machine. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
