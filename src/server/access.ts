import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { tokenAmong } from '../contract/entrance.ts';

/** A token that nobody guesses: 32 random bytes, fit for an address. */
export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Who may come in. A page of another site can make a browser send requests here, and can even give itself our
 * address's name (DNS rebinding): therefore the token, and a look at `Host` and `Origin`.
 */
export class Access {
  readonly #token: Buffer;
  readonly #isLoopback: boolean;
  readonly #hostName: string;
  readonly #port: () => number;

  /**
   * @param hostName - what the server listens on
   * @param port - asked when needed: it is known once the server listens
   */
  constructor(token: string, hostName: string, port: () => number) {
    this.#token = digest(token);
    this.#hostName = hostName;
    this.#isLoopback = isLoopback(hostName);
    this.#port = port;
  }

  /** Whether the request names this server, and not another name that leads here. */
  knowsHost({ host }: IncomingHttpHeaders): boolean {
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

  /** Whether a page of ours asks, or no page at all. Browsers say so whenever it matters. */
  knowsOrigin({ origin, host }: IncomingHttpHeaders): boolean {
    return (
      origin === undefined || (host !== undefined && origin.toLowerCase() === `http://${host.toLowerCase()}`)
    );
  }

  /** Whether a client that opens the socket hands over the token. */
  mayEnter(headers: IncomingHttpHeaders): boolean {
    const token = tokenAmong(headers['sec-websocket-protocol']);
    return token !== undefined && this.#isToken(token);
  }

  #isOurs(name: string): boolean {
    const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
    if (isLoopback(bare)) return true;
    if (this.#isLoopback) return false;
    // Opened to a network on purpose: by address, by the name it was given, or by the machine's own.
    return isIP(bare) !== 0 || bare === this.#hostName.toLowerCase() || bare === hostname().toLowerCase();
  }

  #isToken(candidate: string): boolean {
    // Digests have one length: neither it nor the first different letter shows in the time this takes.
    return timingSafeEqual(digest(candidate), this.#token);
  }
}

/** Whether a name can only mean this machine. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
