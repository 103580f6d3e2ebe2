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
 * Keeps every page where it is: no other address, no other window, no page within the page. Nothing is opened in the
 * person's own browser either, which would tell an address, and what it says, to the network.
 */
export function setupContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => guard(contents));
}

function guard(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    // Reloading is a navigation too.
    if (!isOurs(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
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
