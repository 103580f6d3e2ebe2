import type { App, Session, WebContents, WebPreferences } from 'electron';
import { isOurs } from './pages.ts';

/**
 * The page is trusted no more than one from the network: no Node, an isolated world, Chromium's sandbox.
 *
 * @param preload - the preload script
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
 * Keeps every page at its address: no navigation, no new window, no embedded page. No link is opened in the person's
 * browser either, because its request could send data from the page to the network.
 */
export function setupContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => restrict(contents));
}

function restrict(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    // Reloading counts as a navigation, and is allowed.
    if (!isOurs(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/**
 * Refuses every permission that a page can ask for, such as camera or notifications, and every download. Only the whole
 * screen may our own page fill, for a presentation.
 */
export function setupPermissions(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === 'fullscreen' && isOurs(contents.getURL())),
  );
  session.setPermissionCheckHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

/** The sender of a message to the main process. */
export interface Sender {
  readonly senderFrame: { readonly url: string; readonly parent: unknown } | null;
}

/** Whether a message comes from our page in the main frame, not from an embedded page or another address. */
export function isFromOurPage({ senderFrame }: Sender): boolean {
  return senderFrame !== null && senderFrame.parent === null && isOurs(senderFrame.url);
}
