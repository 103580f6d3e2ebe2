import { closeSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listTar, openTarReader, tarFileInput, type TarListing } from '../../../src/engine/files/tar.ts';
import { makeTar, paxHeader, type TarMember } from './make-tar.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-tar-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

const hello = Buffer.from('hello '.repeat(200));
let made = 0;

async function listBytes(bytes: Buffer): Promise<TarListing & { readonly contents: Buffer[] }> {
  const path = join(folder, `${made++}.tar`);
  await writeFile(path, bytes);
  const fd = openSync(path, 'r');
  try {
    const listing = await listTar(tarFileInput(fd, fstatSync(fd).size), path);
    const reader = openTarReader(fd);
    return { ...listing, contents: listing.entries.map((entry) => reader.read(entry)) };
  } finally {
    closeSync(fd);
  }
}

const list = (...members: TarMember[]) => listBytes(makeTar(members));
const namesOf = ({ entries }: TarListing) => entries.map(({ name }) => name);

describe('listing a tar archive', () => {
  it('gives files and their bytes, and no folders', async () => {
    const listing = await list(
      { name: 'a/', type: '5' },
      { name: 'a/ü.png', bytes: hello },
      { name: 'b.png', bytes: Buffer.from('b') },
      { name: 'empty' },
    );
    expect(namesOf(listing)).toEqual(['a/ü.png', 'b.png', 'empty']);
    expect(listing.contents).toEqual([hello, Buffer.from('b'), Buffer.alloc(0)]);
    expect(listing.refused).toEqual([]);
  });

  it.each([
    ['of ustar', [{ name: 'tail.png', prefix: 'long/folder', bytes: hello }], 'long/folder/tail.png'],
    [
      'of GNU',
      [
        { name: '././@LongLink', type: 'L', bytes: Buffer.from(`${'d/'.repeat(90)}x.png\0`) },
        { name: 'd/d', bytes: hello, magic: 'ustar  \0' },
      ],
      `${'d/'.repeat(90)}x.png`,
    ],
    ['of POSIX', [paxHeader({ path: 'ä/x.png', mtime: '1.5' }), { name: 'x', bytes: hello }], 'ä/x.png'],
    ['with ./', [{ name: './a/0.png', bytes: hello }], 'a/0.png'],
    ['with backslashes', [{ name: 'a\\0.png', bytes: hello }], 'a/0.png'],
  ] as const)('reads a name %s', async (_, members, name) => {
    const listing = await list(...members);
    expect(namesOf(listing)).toEqual([name]);
    expect(listing.contents).toEqual([hello]);
  });

  it.each([
    [{ name: '../evil.png' }, 'climbs out'],
    [{ name: 'a\\..\\..\\evil.png' }, 'climbs out'],
    [{ name: '/etc/evil.png' }, 'absolute'],
    [{ name: 'C:\\evil.png' }, 'absolute'],
    [{ name: 'x.png', type: '2', link: '/etc/passwd' }, 'a link'],
    [{ name: 'x.png', type: '1', link: '../outside.png' }, 'not in the archive'],
    [{ name: 'x.png', type: '3' }, 'not a regular file'],
    [{ name: 'x.png', type: '6' }, 'not a regular file'],
    [{ name: 'x.png', type: 'S', bytes: hello }, 'sparse'],
  ])('refuses %j, and still lists the others', async (member, reason) => {
    const listing = await list(member, { name: 'good.png', bytes: hello });
    expect(namesOf(listing)).toEqual(['good.png']);
    expect(listing.refused).toEqual([
      { name: member.name, reason: expect.stringContaining(reason) as string },
    ]);
  });

  it('gives a hard link the bytes of its file', async () => {
    const listing = await list(
      { name: './a.png', bytes: hello },
      { name: 'b.png', type: '1', link: './a.png' },
    );
    expect(namesOf(listing)).toEqual(['a.png', 'b.png']);
    expect(listing.contents[1]).toEqual(hello);
  });

  it('takes the last of several files of one name', async () => {
    const listing = await list({ name: 'a', bytes: hello }, { name: 'a', bytes: Buffer.from('new') });
    expect(listing.contents).toEqual([Buffer.from('new')]);
  });

  it('reads an archive without its end blocks, and one without its last padding', async () => {
    const whole = makeTar([{ name: 'a', bytes: hello }], { hasEnd: false });
    expect((await listBytes(whole)).contents).toEqual([hello]);
    expect((await listBytes(whole.subarray(0, 512 + hello.length))).contents).toEqual([hello]);
  });

  it.each([
    ['no archive', Buffer.alloc(2000, 'x')],
    ['empty', Buffer.alloc(0)],
    ['cut off in a file', makeTar([{ name: 'a', bytes: hello }]).subarray(0, 900)],
    ['cut off in a header', makeTar([{ name: 'a' }, { name: 'b' }]).subarray(0, 700)],
    ['of a wrong checksum', makeTar([{ name: 'a', badSum: true }])],
    ['of a long name of gigabytes', makeTar([{ name: 'a', type: 'L', statedSize: 2 ** 32 }])],
    ['of an impossible size', makeTar([paxHeader({ size: '-5' }), { name: 'a', bytes: hello }])],
    ['of a size beyond its end', makeTar([paxHeader({ size: '99999999' }), { name: 'a', bytes: hello }])],
  ])('says that a file is no whole archive (%s)', async (_, bytes) => {
    await expect(listBytes(bytes)).rejects.toThrow();
  });
});
