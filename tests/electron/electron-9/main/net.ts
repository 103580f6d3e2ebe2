import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { net as oldNet } from 'electron';
import { Response } from './globals.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** `net.fetch` of files: the product asks for nothing else. */
async function fetchFile(url: string): Promise<Response> {
  const path = fileURLToPath(url);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  return new Response(await readFile(path), { headers: { 'content-type': type } });
}

export const net = Object.assign(oldNet, { fetch: fetchFile });
