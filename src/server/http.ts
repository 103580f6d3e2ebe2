import type { IncomingMessage, ServerResponse } from 'node:http';
import { securityHeaders } from '../host/headers.ts';
import type { Pages } from '../host/pages.ts';
import type { Access } from './access.ts';
import { refuse } from './refusal.ts';

const YEAR_SECONDS = 31_536_000;

/**
 * Answers requests for pages and their files. They are the same for everybody and hold no secret, so that no token is
 * asked for: everything else goes over the socket, which does ask.
 */
export function pageHandler(
  pages: Pages,
  access: Access,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { headers, method } = request;
    const isKnown = access.knowsHost(headers);
    // Browsers that do not know that 'self' means sockets too are told their address.
    const sockets = isKnown ? [`ws://${headers.host}`] : [];
    for (const [name, value] of Object.entries(securityHeaders(sockets))) response.setHeader(name, value);
    if (headers.host === undefined) {
      refuse(response, 400, 'The request does not say which host it is for.');
      return;
    }
    if (!isKnown) {
      refuse(response, 403, 'This server does not go by that name.');
      return;
    }
    if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
      refuse(response, 417, 'Nothing of the kind is offered here.');
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      refuse(response, 405, 'Pages can only be read.');
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

/** The path of an address, as it was sent: URL would resolve `..` away before anybody could refuse it. */
export function pathOf({ url = '' }: IncomingMessage): string {
  return url.replace(/\?.*/s, '');
}
