import type { Protocol } from 'electron';
import { Request, type Response } from './globals.ts';

type Handler = (request: Request) => Response | Promise<Response>;

interface OldProtocol {
  registerBufferProtocol(
    scheme: string,
    handler: (
      request: { url: string; method: string; headers: Record<string, string> },
      respond: (answer: { statusCode: number; headers: Record<string, string>; data: Buffer }) => void,
    ) => void,
  ): boolean;
  unregisterProtocol(scheme: string): void;
}

/** The old protocol with `handle`, over the buffers that it has. */
export function addHandle(protocol: Protocol): Protocol {
  const old = protocol as unknown as OldProtocol;
  const added = {
    handle(scheme: string, handler: Handler): void {
      old.registerBufferProtocol(scheme, ({ url, method, headers }, respond) => {
        void answer(handler, new Request(url, { method, headers })).then(respond);
      });
    },
    unhandle: (scheme: string) => old.unregisterProtocol(scheme),
  };
  return Object.assign(protocol, added);
}

async function answer(handler: Handler, request: Request) {
  try {
    const { status, headers, body } = await handler(request);
    return { statusCode: status, headers: Object.fromEntries(headers), data: bytesOf(body) };
  } catch (error) {
    return { statusCode: 500, headers: {}, data: Buffer.from(String(error)) };
  }
}

function bytesOf(body: Response['body']): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (typeof body === 'string') return Buffer.from(body);
  return body instanceof ArrayBuffer
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
