import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { icnsOf, icoOf } from '../../scripts/package/icon-files.mjs';

const build = resolve(import.meta.dirname, '../../build');

/** Width and height of a PNG, from its header. */
function pngSize(bytes: Buffer): number[] {
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

/** The pictures of a Windows icon: what the directory says of each, and what is there. */
function readIco(bytes: Buffer): { said: number; found: number[] }[] {
  expect([bytes.readUInt16LE(0), bytes.readUInt16LE(2)]).toEqual([0, 1]);
  return Array.from({ length: bytes.readUInt16LE(4) }, (_, i) => {
    const at = 6 + 16 * i;
    const [length, offset] = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12)];
    return { said: bytes.readUInt8(at) || 256, found: pngSize(bytes.subarray(offset, offset + length)) };
  });
}

/** The pictures of an icon of macOS by their names. */
function readIcns(bytes: Buffer): [string, number[]][] {
  expect(bytes.subarray(0, 4).toString('latin1')).toBe('icns');
  expect(bytes.readUInt32BE(4)).toBe(bytes.length);
  const pieces: [string, number[]][] = [];
  for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at + 4)) {
    pieces.push([bytes.subarray(at, at + 4).toString('latin1'), pngSize(bytes.subarray(at + 8))]);
  }
  return pieces;
}

describe('the icons', () => {
  it.each([16, 32, 48, 64, 128, 256, 512])('have %s pixels on Linux', (size) => {
    expect(pngSize(readFileSync(join(build, 'icons', `${size}x${size}.png`)))).toEqual([size, size]);
  });

  it('have every size that Windows asks for, as large as they say', () => {
    const pictures = readIco(readFileSync(join(build, 'icon.ico')));
    expect(pictures.map(({ said }) => said)).toEqual([16, 24, 32, 48, 64, 128, 256]);
    for (const { said, found } of pictures) expect(found).toEqual([said, said]);
  });

  it('have every size that macOS asks for, twice the points on fine screens', () => {
    const sizes = Object.fromEntries(
      readIcns(readFileSync(join(build, 'icon.icns'))).map(([n, [s]]) => [n, s]),
    );
    expect(sizes).toEqual({
      ...{ icp4: 16, icp5: 32, ic11: 32, icp6: 64, ic12: 64, ic07: 128 },
      ...{ ic08: 256, ic13: 256, ic09: 512, ic14: 512, ic10: 1024 },
    });
  });

  it('are put together whole', () => {
    const png = readFileSync(join(build, 'icons', '16x16.png'));
    expect(readIco(icoOf([{ size: 16, png }]))).toEqual([{ said: 16, found: [16, 16] }]);
    expect(readIcns(icnsOf([{ size: 16, png }]))).toEqual([['icp4', [16, 16]]]);
  });
});
