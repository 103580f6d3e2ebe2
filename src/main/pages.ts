import type { Protocol, Session } from 'electron';
import { securityHeaders } from '../host/headers.ts';
import { Pages } from '../host/pages.ts';

const SCHEME = 'app';
const HOST = 'unravel';
/** The address of the window's page. */
export const PAGE_URL = `${SCHEME}://${HOST}/`;

/** Whether an address is one of our own pages. */
export function isOurs(address: string): boolean {
  return address.startsWith(PAGE_URL);
}

/** Registers `app://` as a secure standard scheme. Must be called before the app is ready. */
export function setupScheme(protocol: Protocol): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built renderer at {@link PAGE_URL}, and no other files. */
export function setupPages(protocol: Protocol, folder: string): void {
  protocol.handle(SCHEME, pageAnswer(folder));
}

/** Answers requests to {@link PAGE_URL}. */
export function pageAnswer(folder: string): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  const pages = new Pages(folder);
  return async ({ url, method }) => {
    const headers = { ...securityHeaders() };
    if (!isOurs(url) || method !== 'GET') return new Response('Refused.\n', { status: 403, headers });
    const { pathname } = new URL(url);
    const file = await pages.read(pathname);
    if (!file) return new Response('There is no such page.\n', { status: 404, headers });
    return new Response(file.bytes, { status: 200, headers: { ...headers, 'Content-Type': file.type } });
  };
}

/** The only addresses that a page may load, whatever its content security policy says. */
const LOADED = [PAGE_URL, `blob:${SCHEME}://${HOST}/`, 'data:', 'devtools://'];

/** Blocks every other request: the app loads nothing from a network. */
export function setupNetwork(session: Session): void {
  session.webRequest.onBeforeRequest(({ url }, respond) => {
    respond({ cancel: !LOADED.some((begin) => url.startsWith(begin)) });
  });
}
