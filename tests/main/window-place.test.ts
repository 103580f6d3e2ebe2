import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BACKGROUND } from '../../src/main/main-window.ts';
import { openingPlace, readPlace, savePlace, type WindowPlace } from '../../src/main/window-place.ts';
import { PALETTES } from '../../src/renderer/theme/tokens.ts';

const main = { x: 0, y: 0, width: 1920, height: 1040 };
const left = { x: -1280, y: 100, width: 1280, height: 900 };
const at = (x: number, y: number, width = 1000, height = 700, isMaximized = false): WindowPlace => ({
  version: 1,
  bounds: { x, y, width, height },
  isMaximized,
});

describe('a window', () => {
  it('opens at its stored position, on any screen', () => {
    for (const place of [at(100, 50), at(-1200, 150, 900, 600, true)]) {
      const { x, y, width, height } = place.bounds;
      expect(openingPlace(place, [main, left])).toEqual({
        x,
        y,
        width,
        height,
        isMaximized: place.isMaximized,
      });
    }
  });

  it('is placed by the system the first time, or where its screen is no longer connected', () => {
    expect(openingPlace(at(-1200, 150), [main])).toEqual({ width: 1000, height: 700, isMaximized: false });
    expect(openingPlace(undefined, [main])).toEqual({ width: 1440, height: 900, isMaximized: false });
  });

  it('can always be dragged, and is never larger than a screen', () => {
    const number = fc.integer({ min: -5000, max: 5000 });
    const size = fc.integer({ min: 100, max: 5000 });
    fc.assert(
      fc.property(number, number, size, size, (x, y, width, height) => {
        const place = openingPlace(at(x, y, width, height), [main, left]);
        expect(place.width).toBeLessThanOrEqual(1920);
        expect(place.height).toBeLessThanOrEqual(1040);
        if (place.x === undefined || place.y === undefined) return;
        const reachable = [main, left].some(
          (area) =>
            Math.min(place.x! + width, area.x + area.width) - Math.max(place.x!, area.x) >= 100 &&
            place.y! >= area.y &&
            place.y! + 40 <= area.y + area.height,
        );
        expect(reachable).toBe(true);
      }),
    );
  });

  it("has the page's background colour before the page is drawn", () => {
    expect(BACKGROUND).toEqual({ dark: PALETTES.dark.app, light: PALETTES.light.app });
  });
});

describe('a stored place', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'unravel-place-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is read as it was saved', async () => {
    const { bounds, isMaximized } = at(1, 2);
    await savePlace(join(folder, 'new', 'window.json'), { bounds, isMaximized });
    expect(readPlace(join(folder, 'new', 'window.json'))).toEqual(at(1, 2));
  });

  it.skipIf(process.platform === 'win32')('can be read by its owner only', async () => {
    const umask = process.umask(0);
    await savePlace(join(folder, 'window.json'), { bounds: at(0, 0).bounds, isMaximized: false });
    process.umask(umask);
    expect(statSync(join(folder, 'window.json')).mode & 0o777).toBe(0o600);
  });

  it('that is missing, damaged or not ours is ignored', () => {
    const path = join(folder, 'window.json');
    expect(readPlace(path)).toBeUndefined();
    const huge = { ...at(0, 0), bounds: { x: 0, y: 0, width: 1e9, height: 700 } };
    for (const text of [
      '',
      '{',
      'null',
      '{"version":2}',
      JSON.stringify(huge),
      '{"version":1,"bounds":{}}',
    ]) {
      writeFileSync(path, text);
      expect(readPlace(path)).toBeUndefined();
    }
  });

  it('that is a pipe, a folder or far too large is ignored, and is not waited for', () => {
    const piped = join(folder, 'pipe.json');
    execFileSync('mkfifo', [piped]);
    const large = join(folder, 'large.json');
    writeFileSync(large, '');
    truncateSync(large, 2 ** 36);
    for (const path of [piped, large, folder]) expect(readPlace(path)).toBeUndefined();
  });

  it('that cannot be written causes no error', async () => {
    writeFileSync(join(folder, 'file'), '');
    await savePlace(join(folder, 'file', 'window.json'), { bounds: at(0, 0).bounds, isMaximized: false });
  });
});
