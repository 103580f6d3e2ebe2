/** What the preload sees as `electron` in Electron 9. */
import './polyfills.ts';
import { contextBridge as oldBridge, webFrame } from 'electron';

export { ipcRenderer } from 'electron';

/** Electron 9 puts the path on the file itself. */
export const webUtils = {
  getPathForFile: (file: File & { readonly path?: string }): string => file.path ?? '',
};

/**
 * Today a file crosses the bridge as it is. The old bridge makes an empty object of it, so the page's side of the
 * bridge puts an object with its path in its place.
 */
export const contextBridge = {
  exposeInMainWorld(name: string, api: unknown): void {
    const hidden = `${name} behind the old bridge`;
    oldBridge.exposeInMainWorld(hidden, api);
    void webFrame.executeJavaScript(
      `(${crossing.toString()})(${JSON.stringify(name)}, ${JSON.stringify(hidden)})`,
    );
  },
};

/** Runs in the page's world, before its own scripts. */
function crossing(name: string, hidden: string): void {
  const withPaths = (value: unknown): unknown => {
    if (value instanceof File) return { name: value.name, path: Reflect.get(value, 'path') as string };
    return Array.isArray(value) ? value.map(withPaths) : value;
  };
  const wrap = (value: unknown): unknown => {
    if (typeof value === 'function') {
      return (...args: unknown[]) => (value as (...args: unknown[]) => unknown)(...args.map(withPaths));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, wrap(part)])));
  };
  Object.defineProperty(window, name, { value: wrap(Reflect.get(window, hidden)) });
}
