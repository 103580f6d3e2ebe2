import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHANNELS, WINDOW_MESSAGES } from '../../src/contract/channels.ts';

type Api = { readonly door: string; readonly grantDropped: (files: readonly unknown[]) => Promise<unknown> };

/** Electron as the preload script meets it. */
const electron = vi.hoisted(() => ({
  exposed: new Map<string, unknown>(),
  sent: [] as unknown[][],
  listeners: new Map<string, (event: unknown) => void>(),
}));
vi.mock('electron', () => ({
  contextBridge: {
    exposeInMainWorld: (name: string, api: unknown) => electron.exposed.set(name, api),
  },
  ipcRenderer: {
    send: (...given: unknown[]) => void electron.sent.push(given),
    invoke: (...given: unknown[]) => {
      electron.sent.push(given);
      return Promise.resolve('granted');
    },
    on: (name: string, listener: (event: unknown) => void) => electron.listeners.set(name, listener),
  },
  webUtils: { getPathForFile: (file: { path: string }) => file.path },
}));

let posted: unknown[][];
let page: EventEmitter;
let ownWindow: object;
beforeEach(async () => {
  posted = [];
  page = new EventEmitter();
  electron.sent.length = 0;
  ownWindow = {
    addEventListener: (name: string, listener: (event: unknown) => void) => page.on(name, listener),
    postMessage: (...given: unknown[]) => void posted.push(given),
    location: { origin: 'app://unravel' },
  };
  vi.stubGlobal('window', ownWindow);
  vi.resetModules();
  await import('../../src/preload/index.ts');
});
afterEach(() => vi.unstubAllGlobals());

describe('the bridge', () => {
  it('gives the page two things, and nothing of Electron', () => {
    expect([...electron.exposed.keys()]).toEqual(['unravel']);
    expect(electron.exposed.get('unravel')).toEqual({
      door: 'electron',
      grantDropped: expect.any(Function) as unknown,
    });
    expect([...electron.listeners.keys()]).toEqual([CHANNELS.port]);
  });

  it('asks main for a port when the page asks, and no other page', () => {
    page.emit('message', { source: {}, data: WINDOW_MESSAGES.connect });
    page.emit('message', { source: ownWindow, data: 'something else' });
    expect(electron.sent).toEqual([]);
    page.emit('message', { source: ownWindow, data: WINDOW_MESSAGES.connect });
    expect(electron.sent).toEqual([[CHANNELS.connect]]);
    electron.listeners.get(CHANNELS.port)!({ ports: ['a port'] });
    expect(posted).toEqual([[WINDOW_MESSAGES.port, 'app://unravel', ['a port']]]);
  });

  it('sends the paths of dropped files past the page; what the page made up itself has none', async () => {
    const { grantDropped } = electron.exposed.get('unravel') as Api;
    expect(await grantDropped([{ path: '/faces' }, { path: '' }, { path: '/more' }])).toBe('granted');
    expect(electron.sent).toEqual([[CHANNELS.grant, ['/faces', '/more']]]);
  });
});
