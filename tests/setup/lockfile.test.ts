import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const clone = resolve(import.meta.dirname, '../..');

interface LockedPackage {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
}

const { packages } = JSON.parse(readFileSync(join(clone, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const locked = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);

describe('package-lock.json', () => {
  it('has the checksum of every package, including those for other systems', () => {
    expect(locked.length).toBeGreaterThan(300);
    const without = locked.filter(([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''));
    expect(without.map(([path]) => path)).toEqual([]);
  });

  it('names no server that packages come from', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  });

  it('installs packages without running their scripts', () => {
    expect(readFileSync(join(clone, '.npmrc'), 'utf8').split('\n')).toContain('ignore-scripts=true');
  });

  it('has no tar that unpacks outside the folder it is given (those before 7.5.11 do)', () => {
    const versions = locked
      .filter(([path]) => path.endsWith('node_modules/tar'))
      .map(([, { version }]) => version.split('.').map(Number));
    expect(versions.length).toBeGreaterThan(0);
    const isOld = ([major = 0, minor = 0, patch = 0]: number[]): boolean =>
      major < 7 || (major === 7 && (minor < 5 || (minor === 5 && patch < 11)));
    expect(versions.filter(isOld)).toEqual([]);
  });
});
