import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { securityHeaders } from '../host/headers.ts';

const TYPE = 'text/plain; charset=utf-8';

/** Answers a request with an error message and closes its connection. */
export function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', TYPE);
  response.setHeader('Connection', 'close');
  response.end(`${sentence}\n`);
}

/** The same for a connection without a response object: an upgrade, or bytes that are not HTTP. */
export function refuseConnection(socket: Duplex, status: number, sentence: string): void {
  socket.on('error', () => socket.destroy());
  // A socket that is only ended stays half open until its client closes it.
  socket.once('finish', () => socket.destroy());
  const body = `${sentence}\n`;
  const headers = {
    ...securityHeaders(),
    'Content-Type': TYPE,
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
