/** Where the server takes up clients, besides its pages. */
export const SOCKET_PATH = '/socket';

/** The sub-protocol that client and server speak. */
export const SUB_PROTOCOL = 'unravel';
const TOKEN_PREFIX = `${SUB_PROTOCOL}.token.`;
/** What may stand in an address and in the name of a sub-protocol alike. */
const TOKEN = /^[\w-]+$/;

/**
 * The address that a person opens. The token lies in its fragment: a browser sends that to nobody, neither to the
 * server in the request nor to others as the page that a link was on.
 */
export function pageAddress(origin: string, token: string): string {
  return `${origin}/#token=${token}`;
}

/** The token of an address that {@link pageAddress} made; undefined in any other. */
export function tokenOf({ hash }: Pick<URL, 'hash'>): string | undefined {
  const token = new URLSearchParams(hash.slice(1)).get('token');
  return token !== null && TOKEN.test(token) ? token : undefined;
}

/** What a WebSocket is opened with. */
export interface Entrance {
  readonly url: URL;
  readonly protocols: string[];
}

/**
 * How a client opens the socket. The token goes along as the name of a sub-protocol: the one header that a page may
 * set, and the only place for it that is neither an address, which is logged, nor a cookie, which a browser sends to
 * all ports of a host.
 *
 * @param page - the address of a page of the server
 */
export function socketEntrance(page: string, token: string): Entrance {
  const url = new URL(SOCKET_PATH, page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return { url, protocols: [SUB_PROTOCOL, TOKEN_PREFIX + token] };
}

/**
 * The token of a client, as {@link socketEntrance} hands it over.
 *
 * @param protocols - the header `Sec-WebSocket-Protocol`
 */
export function tokenAmong(protocols: string | undefined): string | undefined {
  const names = (protocols ?? '').split(',').map((name) => name.trim());
  return names.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
}
