import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityHeaders } from '../host/headers.ts';
import type { Pages } from '../host/pages.ts';
import type { Access } from './access.ts';
import { refuse } from './refusal.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * Answers requests for pages and their files. These are the same for everybody and hold no secret, so they need no
 * token. Everything else goes over the socket, which requires it.
 */
export function pageHandler(
  pages: Pages,
  access: Access,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { headers, method } = request;
    const isKnown = access.isKnownHost(headers);
    // Some browsers do not count sockets as 'self', so the policy names the socket's address.
    const sockets = isKnown ? [`ws://${headers.host}`] : [];
    for (const [name, value] of Object.entries(securityHeaders(sockets))) response.setHeader(name, value);
    if (headers.host === undefined) {
      refuse(response, 400, 'The request does not say which host it is for.');
      return;
    }
    if (!isKnown) {
      refuse(response, 403, 'This server has another host name.');
      return;
    }
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
      refuse(response, 417, 'This server does not support the Expect header.');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'Only GET and HEAD are supported.');
      return;
    }
    const file = await pages.read(pathOf(request));
    if (!file) {
      refuse(response, 404, 'There is no such page.');
      return;
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

/** The path of a request's URL as it was sent. `URL` would resolve `..` before it could be refused. */
export function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*/s, '');
}
