/** The path at which the server accepts WebSocket connections. */
export const SOCKET_PATH = '/socket';

/** The WebSocket sub-protocol of client and server. */
export const SUB_PROTOCOL = 'unravel';
const TOKEN_PREFIX = `${SUB_PROTOCOL}.token.`;
/** Characters that are allowed both in an address and in the name of a sub-protocol. */
const TOKEN = /^[\w-]+$/;

/**
 * The address that a person opens. The token is in its fragment, because a browser never sends the fragment:
 * neither to the server in the request nor to other sites in the `Referer` header.
 */
export function pageAddress(origin: string, token: string): string {
  return `${origin}/#token=${token}`;
}

/** The token of an address that {@link pageAddress} made; undefined for any other address. */
export function tokenOf({ hash }: Pick<URL, 'hash'>): string | undefined {
  const token = new URLSearchParams(hash.slice(1)).get('token');
  return token !== null && TOKEN.test(token) ? token : undefined;
}

/** The arguments for opening a WebSocket. */
export interface Entrance {
  readonly url: URL;
  readonly protocols: string[];
}

/**
 * How a client opens the socket. The token is sent as the name of a sub-protocol. This is the only header that
 * a page may set. An address would be logged, and a browser sends a cookie to all ports of a host.
 *
 * @param page - the address of a page of the server
 */
export function socketEntrance(page: string, token: string): Entrance {
  const url = new URL(SOCKET_PATH, page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return { url, protocols: [SUB_PROTOCOL, TOKEN_PREFIX + token] };
}

/**
 * The token that a client sent by {@link socketEntrance}.
 *
 * @param protocols - the header `Sec-WebSocket-Protocol`
 */
export function tokenAmong(protocols: string | undefined): string | undefined {
  const names = (protocols ?? '').split(',').map((name) => name.trim());
  return names.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
}
