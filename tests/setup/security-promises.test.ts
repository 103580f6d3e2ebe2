import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const clone = resolve(import.meta.dirname, '../..');
const text = readFileSync(join(clone, 'SECURITY.md'), 'utf8');
/** What stands below a table's head and its line. */
const rows = text.split('\n').filter((line) => line.startsWith('|') && !/^\| (promise|-)/.test(line));

describe('SECURITY.md', () => {
  it('names a test for each promise, and each of these exists', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const tests = [...row.matchAll(/`(tests\/[^`]+)`/g)].map(([, path = '']) => path);
      expect([row, tests.length > 0]).toEqual([row, true]);
      expect(tests.filter((path) => !existsSync(join(clone, path)))).toEqual([]);
    }
  });
});
