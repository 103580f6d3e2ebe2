import type { App, Session, WebContents, WebPreferences } from 'electron';
import { isOurs } from './pages.ts';

/**
 * A page as little trusted as one from the network: no Node, its own world, Chromium's sandbox.
 *
 * @param preload - the bridge's script
 * @param isDevelopment - whether the developer tools may be opened
 */
export function webPreferences(preload: string, isDevelopment: boolean): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: isDevelopment,
  };
}

/**
 * Keeps every page where it is: no other address, no other window, no page within the page. A link to the web opens
 * in the person's own browser.
 *
 * @param openOutside - opens an https address there
 */
export function setupContents(app: App, openOutside: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guard(contents, openOutside));
}

function guard(contents: WebContents, openOutside: (url: string) => void): void {
  contents.on('will-navigate', (event) => {
    // Reloading is a navigation too.
    if (isOurs(event.url)) return;
    event.preventDefault();
    open(event.url, openOutside);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    open(url, openOutside);
    return { action: 'deny' };
  });
}

function open(url: string, openOutside: (url: string) => void): void {
  // Anything else could start programs: file, smb, and schemes that other applications have registered.
  if (URL.canParse(url) && new URL(url).protocol === 'https:') openOutside(url);
}

/** Refuses what pages can ask for: camera, notifications, places, and whatever comes to be. Nothing is downloaded. */
export function setupPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

/** Who sent a message, as far as it is asked. */
export interface Sender {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** Whether a message to main comes from our page, and not from a page within it or after it. */
export function isFromOurPage({ senderFrame }: Sender): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}
