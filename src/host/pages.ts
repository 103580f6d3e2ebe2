import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

/** A file of the window's pages. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Whether its name changes with its contents. */
  readonly isHashed: boolean;
}

/** The built renderer, read for Electron's window and for browsers alike. */
export class Pages {
  readonly #folder: string;

  /** @param folder - absolute; nothing outside it is ever read */
  constructor(folder: string) {
    this.#folder = normalize(folder + sep);
  }

  /**
   * Reads one file.
   *
   * @param pathname - of an address, still encoded: `/`, `/assets/index-3f2a.js`
   * @returns undefined where there is no such file, or its type is not served
   */
  async read(pathname: string): Promise<PageFile | undefined> {
    const path = this.#resolve(pathname);
    const type = path && TYPES[extname(path)];
    if (path === undefined || type === undefined) return undefined;
    try {
      const bytes = await readFile(path);
      return {
        bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
        type,
        isHashed: pathname.startsWith('/assets/'),
      };
    } catch {
      return undefined;
    }
  }

  #resolve(pathname: string): string | undefined {
    let decoded: string;
    try {
      decoded = decodeURIComponent(pathname);
    } catch {
      return undefined;
    }
    const names = decoded.split('/').slice(1);
    // `..`, hidden files, and names that contain a path separator or a drive on some system.
    if (names.some((name) => name.startsWith('.') || /[\\:\0]/.test(name))) return undefined;
    const path = join(this.#folder, decoded === '/' ? 'index.html' : decoded);
    return path.startsWith(this.#folder) ? path : undefined;
  }
}
