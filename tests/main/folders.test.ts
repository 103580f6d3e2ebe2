import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFolders } from '../../src/main/folders.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-folders-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the parts of the build', () => {
  it('lie beside the main program in a clone', () => {
    const { pages, preload, entries } = findFolders(resolve('out/main'));
    for (const path of [join(pages, 'index.html'), preload, entries.engine, entries.job]) {
      expect([path, existsSync(path)]).toEqual([path, true]);
    }
  });

  it('include programs outside the archive in a package, so that processes and workers can be started from them', () => {
    const main = join(folder, 'app.asar', 'out', 'main');
    const outside = join(folder, 'app.asar.unpacked', 'out', 'main');
    mkdirSync(outside, { recursive: true });
    expect(findFolders(main)).toEqual({
      pages: join(folder, 'app.asar', 'out', 'renderer'),
      preload: join(folder, 'app.asar', 'out', 'preload', 'index.cjs'),
      entries: { engine: join(outside, 'engine.js'), job: join(outside, 'job.js') },
    });
  });
});
