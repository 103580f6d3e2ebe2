import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine, type StartedWith } from '../../src/main/command-line.ts';
import { setupSingleInstance } from '../../src/main/single-instance.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-argv-'));
  for (const name of ['faces.zip', 'other.zip']) writeFileSync(join(folder, name), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const parse = (...argv: string[]): StartedWith => parseCommandLine(argv, { folder });

describe('the command line', () => {
  it('names the workspace and what to import', () => {
    expect(parse('--workspace', 'w', 'faces.zip')).toEqual({
      workspace: join(folder, 'w'),
      sources: [join(folder, 'faces.zip')],
    });
    expect(parse('--workspace=/w', join(folder, 'other.zip'))).toEqual({
      workspace: '/w',
      sources: [join(folder, 'other.zip')],
    });
    expect(parse()).toEqual({ sources: [] });
  });

  it("ignores Chromium's switches, the app itself, and paths that do not exist", () => {
    const argv = ['.', '--no-sandbox', '--remote-debugging-port=0', 'missing.zip', '--workspace'];
    expect(parseCommandLine(argv, { folder, appFolder: folder })).toEqual({ sources: [] });
  });
});

describe('a second instance', () => {
  class FakeApp extends EventEmitter {
    hasQuit = false;
    readonly isFirst: boolean;
    constructor(isFirst: boolean) {
      super();
      this.isFirst = isFirst;
    }
    requestSingleInstanceLock = (): boolean => this.isFirst;
    quit = (): void => void (this.hasQuit = true);
    getAppPath = (): string => '/app';
  }
  const setUp = (isFirst: boolean): { app: FakeApp; heard: StartedWith[]; runs: boolean } => {
    const app = new FakeApp(isFirst);
    const heard: StartedWith[] = [];
    const runs = setupSingleInstance(
      app as unknown as App,
      { sources: [] },
      (other) => void heard.push(other),
    );
    return { app, heard, runs };
  };

  it('quits, and the first one gets its arguments', () => {
    expect(setUp(false)).toMatchObject({ runs: false, app: { hasQuit: true } });
    const { app, heard, runs } = setUp(true);
    expect([runs, app.hasQuit]).toEqual([true, false]);
    app.emit('second-instance', {}, [], folder, { sources: ['/faces.zip'] });
    app.emit('second-instance', {}, ['/electron', 'faces.zip'], folder, { sources: [1] });
    expect(heard).toEqual([{ sources: ['/faces.zip'] }, { sources: [join(folder, 'faces.zip')] }]);
  });
});
