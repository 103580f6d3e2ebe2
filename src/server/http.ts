import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityHeaders } from '../host/headers.ts';
import type { Pages } from '../host/pages.ts';
import type { Access } from './access.ts';

const YEAR_SECONDS = 31_536_000;

/** Answers requests for pages and their files. */
export function pageHandler(
  pages: Pages,
  access: Access,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { headers, method } = request;
    const { pathname, query } = addressOf(request);
    const visit = { headers, query };
    // Browsers that do not know that 'self' means sockets too are told their address.
    const socket = headers.host === undefined ? [] : [`ws://${headers.host}`];
    if (!access.knowsHost(headers)) {
      refuse(response, 403, 'This server does not go by that name.');
      return;
    }
    for (const [name, value] of Object.entries(securityHeaders(socket))) response.setHeader(name, value);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'Pages can only be read.');
      return;
    }
    if (!access.mayEnter(visit)) {
      refuse(
        response,
        401,
        'Open the address that unravel serve has printed: it carries the token that is missing here.',
      );
      return;
    }
    const file = await pages.read(pathname);
    if (!file) {
      refuse(response, 404, 'There is no such page.');
      return;
    }
    if (access.hasTokenInQuery(visit)) {
      const token = query.get('token')!;
      response.setHeader('Set-Cookie', `${access.cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`);
    }
    response.setHeader('Content-Type', file.type);
    response.setHeader('Content-Length', file.bytes.length);
    response.setHeader(
      'Cache-Control',
      file.isHashed ? `private, max-age=${YEAR_SECONDS}, immutable` : 'no-store',
    );
    response.end(method === 'HEAD' ? undefined : file.bytes);
  };
}

/** The path of an address, as it was sent, and its query. */
export interface Address {
  readonly pathname: string;
  readonly query: URLSearchParams;
}

/** Taken apart by hand: URL would resolve `..` away before anybody could refuse it. */
export function addressOf({ url = '' }: IncomingMessage): Address {
  const [pathname = '', query] = url.split(/\?(.*)/s);
  return { pathname, query: new URLSearchParams(query) };
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${sentence}\n`);
}
