import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnravelError } from '../../src/contract/errors.ts';
import {
  openRegularFile,
  readBoundedFile,
  readJsonFile,
  readJsonFileSync,
} from '../../src/system/read-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-read-'));
  path = join(folder, 'note.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const rule = {
  schema: v.object({ version: v.literal(1), names: v.array(v.string()) }),
  mostBytes: 1000,
  otherwise: 'does not describe a note',
  hint: 'Write it again.',
};

/** Both readers of JSON, as one that answers with a promise. */
const readers = [
  { name: 'readJsonFile', read: (more: object = {}) => readJsonFile(path, { ...rule, ...more }) },
  {
    name: 'readJsonFileSync',
    read: (more: object = {}) => new Promise((done) => done(readJsonFileSync(path, { ...rule, ...more }))),
  },
];

describe.each(readers)('$name', ({ read }) => {
  const refused = async (more?: object): Promise<UnravelError> => {
    const error: unknown = await read(more).catch((thrown: unknown) => thrown);
    if (!(error instanceof UnravelError)) throw new Error('It was not refused.', { cause: error });
    expect(error.message).toContain(path);
    expect(error.path).toBe(path);
    return error;
  };

  it('returns what the schema describes', async () => {
    await writeFile(path, '{"version": 1, "names": ["a"], "more": 5}');
    expect(await read()).toEqual({ version: 1, names: ['a'] });
  });

  it('reports what is wrong, and what to do', async () => {
    await writeFile(path, '');
    expect(await refused()).toMatchObject({
      message: `Could not read ${path}: it is empty.`,
      hint: rule.hint,
    });
    await writeFile(path, '{"version": 1, "na');
    expect((await refused()).message).toBe(`Could not read ${path}: it is not JSON, or was cut off.`);
    await writeFile(path, '{"version": 2, "names": []}');
    expect((await refused()).message).toBe(`Could not read ${path}: it does not describe a note.`);
  });

  it('distinguishes a missing file from a damaged one and from one that cannot be opened', async () => {
    expect((await refused()).code).toBe('not-found');
    path = join(folder, 'x'.repeat(300));
    expect(await refused()).toMatchObject({ code: 'bad-input' });
    path = join(folder, 'note.json');
    await writeFile(path, 'x');
    expect((await refused()).code).toBe('bad-input');
  });

  it('refuses pipes, sockets, devices and folders at once', async () => {
    execFileSync('mkfifo', [path]);
    expect((await refused()).message).toContain('is not a regular file');
    await rm(path);
    await mkdir(path);
    expect((await refused()).message).toContain('is not a regular file');
    await rm(path, { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect((await refused()).message).toContain('is not a regular file');
    await new Promise((resolve) => server.close(resolve));
    await symlink('/dev/zero', path);
    expect((await refused({ followLinks: true })).message).toContain('is not a regular file');
  });

  it('follows a link only where a person has named the file', async () => {
    await writeFile(join(folder, 'other.json'), '{"version": 1, "names": []}');
    await symlink('other.json', path);
    expect((await refused()).message).toContain('it is a link, which is not followed');
    expect(await read({ followLinks: true })).toEqual({ version: 1, names: [] });
  });

  it('refuses a file above the maximum size without reading it', async () => {
    await writeFile(path, '');
    await truncate(path, 1001);
    expect((await refused()).message).toContain('too large: 1001 bytes, and at most 1000');
    await truncate(path, 2 ** 40);
    expect((await refused()).code).toBe('bad-input');
  });
});

describe('readBoundedFile', () => {
  it('reads every byte of a file up to the maximum size', async () => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256));
    await writeFile(path, bytes);
    expect(await readBoundedFile(path, { mostBytes: 1000 })).toEqual(bytes);
  });
});

describe('openRegularFile', () => {
  it('opens a file for reading', async () => {
    await writeFile(path, 'text');
    const file = await openRegularFile(path);
    expect(await file.readFile('utf8')).toBe('text');
    await file.close();
  });
});
