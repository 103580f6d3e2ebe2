import { EventEmitter } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { describe, expect, it } from 'vitest';
import { MainWindow } from '../../src/main/main-window.ts';

/** A window whose page does what a test says. */
class FakeWindow extends EventEmitter {
  readonly log: string[] = [];
  isGone = false;
  readonly webContents = Object.assign(new EventEmitter(), {
    reload: () => this.log.push('reload'),
  });

  crash(reason = 'crashed'): void {
    this.webContents.emit('render-process-gone', {}, { reason });
  }
  isDestroyed(): boolean {
    return this.isGone;
  }
  isMinimized(): boolean {
    return true;
  }
  restore(): void {
    this.log.push('restore');
  }
  show(): void {
    this.log.push('show');
  }
  hide(): void {
    this.log.push('hide');
  }
  focus(): void {
    this.log.push('focus');
  }
  maximize(): void {
    this.log.push('maximize');
  }
  loadURL(url: string): Promise<void> {
    this.log.push(`load ${url}`);
    return Promise.resolve();
  }
}

function open() {
  const windows: FakeWindow[] = [];
  const options: BrowserWindowConstructorOptions[] = [];
  const clock = { ms: 0 };
  let broken = 0;
  const main = new MainWindow({
    make: (windowOptions) => {
      options.push(windowOptions);
      windows.push(new FakeWindow());
      return windows.at(-1) as unknown as BrowserWindow;
    },
    screens: () => [{ x: 0, y: 0, width: 1920, height: 1080 }],
    isDark: () => true,
    placeFile: join(tmpdir(), 'unravel-no-such-place.json'),
    preload: '/preload.cjs',
    isDevelopment: false,
    onBroken: () => (broken += 1),
    now: () => clock.ms,
  });
  main.show();
  const [window] = windows;
  const reloads = (): number => window!.log.filter((entry) => entry === 'reload').length;
  return { main, window: window!, windows, options, clock, reloads, brokenTimes: () => broken };
}

describe('the page of the window', () => {
  it('is loaded again after a crash', () => {
    const { window, reloads, brokenTimes } = open();
    window.crash();
    expect([reloads(), brokenTimes()]).toEqual([1, 0]);
  });

  it('is not loaded again after several crashes within a minute; the person is asked instead', () => {
    const { main, window, reloads, brokenTimes } = open();
    for (let crash = 0; crash < 4; crash++) window.crash();
    expect([reloads(), brokenTimes()]).toEqual([3, 1]);
    main.reload();
    expect(reloads()).toBe(4);
  });

  it('is loaded again where earlier crashes were long ago', () => {
    const { window, clock, reloads, brokenTimes } = open();
    for (let hour = 0; hour < 24; hour++) {
      clock.ms = hour * 3_600_000;
      window.crash('oom');
    }
    expect([reloads(), brokenTimes()]).toEqual([24, 0]);
    for (let crash = 0; crash < 3; crash++) window.crash();
    expect([reloads(), brokenTimes()]).toEqual([26, 1]);
  });

  it('is not loaded again after a normal exit, or when its window is closed', () => {
    const { window, reloads, brokenTimes } = open();
    window.crash('clean-exit');
    window.isGone = true;
    window.crash();
    expect([reloads(), brokenTimes()]).toEqual([0, 0]);
  });
});

describe('the window', () => {
  it('is the only one: showing it brings it to the front, and opens it again after it was closed', () => {
    const { main, window, windows } = open();
    window.emit('ready-to-show');
    main.show();
    expect(window.log).toEqual(['load app://unravel/', 'show', 'restore', 'show', 'focus']);
    window.emit('closed');
    expect(main.current).toBeUndefined();
    main.show();
    expect(windows).toHaveLength(2);
  });

  it('lets onClose prevent it from closing', () => {
    const { main, window } = open();
    let prevented = 0;
    main.onClose = (event) => event.preventDefault();
    window.emit('close', { preventDefault: () => (prevented += 1) });
    expect(prevented).toBe(1);
  });
});
