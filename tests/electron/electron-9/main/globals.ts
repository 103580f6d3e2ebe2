/**
 * What a current Node has for every module and Node 12 does not: the clock, and as much of the Fetch API as an
 * answer to `protocol.handle` takes.
 */
import { performance } from 'node:perf_hooks';

class Headers {
  readonly #values = new Map<string, string>();

  constructor(init: HeadersInit = {}) {
    const entries = Symbol.iterator in init ? [...init] : Object.entries(init);
    for (const [name, value] of entries) this.set(name, value);
  }

  get(name: string): string | null {
    return this.#values.get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values.entries();
  }
}

class Request {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;

  constructor(url: string, init: { method?: string; headers?: HeadersInit } = {}) {
    this.url = url;
    this.method = init.method ?? 'GET';
    this.headers = new Headers(init.headers);
  }
}

export type ResponseBody = string | Uint8Array | ArrayBuffer | null | undefined;

class Response {
  readonly body: ResponseBody;
  readonly status: number;
  readonly headers: Headers;

  constructor(body?: ResponseBody, init: { status?: number; headers?: HeadersInit } = {}) {
    this.body = body;
    this.status = init.status ?? 200;
    this.headers = new Headers(init.headers);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }
}

export { Request, Response };

for (const [name, value] of Object.entries({ performance, Headers, Request, Response })) {
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true });
}
