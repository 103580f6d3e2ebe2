import type { WebContents } from 'electron';

type OpenHandler = Parameters<WebContents['setWindowOpenHandler']>[0];

/** Events whose first argument today carries what Electron 9 passed beside it. */
const NAVIGATIONS = new Set(['will-navigate', 'will-redirect', 'did-start-navigation']);

/** Gives a window's contents what the product uses of today's. */
export function modernize(contents: WebContents): void {
  const emit = contents.emit.bind(contents) as (name: string, ...args: unknown[]) => boolean;
  Object.defineProperty(contents, 'emit', {
    value: (name: string, ...args: unknown[]) => {
      if (NAVIGATIONS.has(name)) Object.assign(args[0] as object, { url: args[1] });
      return emit(name, ...args);
    },
  });
  Object.defineProperty(contents, 'mainFrame', { get: () => frameOf(contents) });
  Object.defineProperty(contents, 'setWindowOpenHandler', {
    value: (handler: OpenHandler) => {
      const old = contents as unknown as NodeJS.EventEmitter;
      old.removeAllListeners('new-window');
      old.on('new-window', (event: Electron.Event, url: string, frameName: string, disposition: string) => {
        const details = { url, frameName, disposition } as Parameters<OpenHandler>[0];
        if (handler(details).action === 'deny') event.preventDefault();
      });
    },
  });
}

const frames = new WeakMap<WebContents, Pick<Electron.WebFrameMain, 'url' | 'origin' | 'parent'>>();

/** The contents' main frame; the product has no other. */
export function frameOf(contents: WebContents): Pick<Electron.WebFrameMain, 'url' | 'origin' | 'parent'> {
  const known = frames.get(contents);
  if (known) return known;
  const frame = {
    parent: null,
    get url() {
      return contents.getURL();
    },
    get origin() {
      const { protocol, host } = new URL(contents.getURL());
      return `${protocol}//${host}`;
    },
  };
  frames.set(contents, frame);
  return frame;
}
