import { EventEmitter } from 'node:events';
import type { IpcMain, MessageChannelMain } from 'electron';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../../src/contract/channels.ts';
import { UnravelError } from '../../src/contract/errors.ts';
import type { Port } from '../../src/contract/port.ts';
import { PAGE_URL } from '../../src/main/pages.ts';
import { mainPort, setupPorts } from '../../src/main/ports.ts';

const ours = { url: PAGE_URL, parent: null };

class FakePort extends EventEmitter {
  readonly posted: unknown[][] = [];
  isStarted = false;
  start = (): void => void (this.isStarted = true);
  postMessage = (...given: unknown[]): void => void this.posted.push(given);
  close = (): void => void this.emit('close');
}

function setUp(): {
  send: (senderFrame: unknown) => unknown[][];
  grant: (senderFrame: unknown, paths: unknown) => unknown;
  connected: Port[];
  granted: (readonly string[])[];
} {
  const ipc = new EventEmitter();
  const handlers = new Map<string, (event: unknown, value: unknown) => unknown>();
  const connected: Port[] = [];
  const granted: (readonly string[])[] = [];
  const ipcMain = Object.assign(ipc, {
    handle: (name: string, handler: (event: unknown, value: unknown) => unknown) =>
      handlers.set(name, handler),
  });
  const makeChannel = (): { port1: FakePort; port2: string } => ({
    port1: new FakePort(),
    port2: 'the other end',
  });
  setupPorts(ipcMain as unknown as IpcMain, makeChannel as unknown as () => MessageChannelMain, {
    connect: (port) => void connected.push(port),
    grantSource: (paths) => {
      granted.push(paths);
      if (paths.includes('/gone')) throw new UnravelError('not-found', 'There is no file or folder /gone.');
      return { source: 'source-0123456789abcdef', name: 'faces' };
    },
  });
  return {
    connected,
    granted,
    send: (senderFrame) => {
      const posted: unknown[][] = [];
      const sender = { postMessage: (...given: unknown[]) => void posted.push(given) };
      ipc.emit(CHANNELS.connect, { senderFrame, sender });
      return posted;
    },
    grant: (senderFrame, paths) => handlers.get(CHANNELS.grant)!({ senderFrame }, paths),
  };
}

describe('a page that asks', () => {
  it('gets a port to the host, a new one each time', () => {
    const { send, connected } = setUp();
    for (let times = 1; times <= 2; times++) {
      expect(send(ours)).toEqual([[CHANNELS.port, null, ['the other end']]]);
      expect(connected).toHaveLength(times);
    }
    expect(connected[0]).not.toBe(connected[1]);
  });

  it('gets none when it is not ours, or is embedded in ours', () => {
    const { send, connected, grant, granted } = setUp();
    for (const frame of [{ url: 'https://evil.example/', parent: null }, { ...ours, parent: {} }, null]) {
      expect(send(frame)).toEqual([]);
      expect(() => grant(frame, ['/faces'])).toThrow();
    }
    expect([connected, granted]).toEqual([[], []]);
  });

  it('gets a grant for dropped paths, and none for anything else', () => {
    const { grant, granted } = setUp();
    expect(grant(ours, ['/faces', '/more'])).toEqual({ source: 'source-0123456789abcdef', name: 'faces' });
    expect(granted).toEqual([['/faces', '/more']]);
    for (const odd of [[], ['relative'], [''], [1], '/faces', null, undefined, { length: 1, 0: '/faces' }]) {
      expect(grant(ours, odd)).toBeNull();
    }
    expect(granted).toHaveLength(1);
    expect(() => grant(ours, ['/gone'])).toThrow('There is no file or folder /gone.');
  });
});

describe("a port over Electron's", () => {
  const open = (): { port: Port; electron: FakePort } => {
    const electron = new FakePort();
    return { electron, port: mainPort(electron) };
  };

  it('carries messages, and never transfers a buffer', () => {
    const { port, electron } = open();
    expect(electron.isStarted).toBe(true);
    electron.emit('message', { data: 'early' });
    const heard: unknown[] = [];
    port.onMessage((message) => heard.push(message));
    electron.emit('message', { data: 'late' });
    expect(heard).toEqual(['early', 'late']);
    port.post(new Uint8Array(3));
    expect(electron.posted).toEqual([[new Uint8Array(3)]]);
  });

  it('closes once when the page closes, and drops later messages', () => {
    const { port, electron } = open();
    let ends = 0;
    port.onClose(() => (ends += 1));
    electron.emit('close');
    electron.emit('close');
    port.close();
    port.post('too late');
    expect([ends, electron.posted]).toEqual([1, []]);
  });
});
