import { crc32, deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  countIntensities,
  INTENSITIES,
  isDeep,
  stretch,
} from '../../../src/engine/image-files/contrast.ts';
import { decodeDeepPng, isDeepPng } from '../../../src/engine/image-files/deep-png.ts';
import { readImage } from '../../../src/engine/image-files/read-image.ts';
import { handmadePng, pngChunk, withPngChunks } from './pictures.ts';

const histogram = () => new Int32Array(new SharedArrayBuffer(INTENSITIES * 4));

function deepPng(data: Uint16Array, channels: 1 | 2 | 3 | 4, interlace: 'null' | 'Adam7' = 'null'): Buffer {
  const side = Math.sqrt(data.length / channels);
  return Buffer.from(encode({ width: side, height: side, data, depth: 16, channels }, { interlace }));
}

describe('counted intensities', () => {
  it('have the percentiles that were asked for', () => {
    const counted = histogram();
    const data = Uint16Array.from({ length: 1000 }, (_, i) => i + 1);
    countIntensities({ data, stride: 1, channels: 1 }, counted);
    expect(boundsOf(counted, [0, 100])).toEqual([1, 1000]);
    expect(boundsOf(counted, [0.1, 99.9])).toEqual([1, 999]);
    expect(boundsOf(counted, [25, 75])).toEqual([250, 750]);
  });

  it('have none where nothing was counted, or all are the same', () => {
    const counted = histogram();
    expect(boundsOf(counted, [0, 100])).toBeUndefined();
    countIntensities({ data: Uint16Array.of(7, 7, 7), stride: 1, channels: 1 }, counted);
    expect(boundsOf(counted, [0, 100])).toBeUndefined();
  });

  it('leave out the transparency, and tell eight bits from more', () => {
    const counted = histogram();
    countIntensities({ data: Uint8Array.of(0, 0, 0, 255, 9, 9, 9, 255), stride: 4, channels: 3 }, counted);
    expect([counted[0], counted[9 * 257], counted[65_535]]).toEqual([3, 3, 0]);
    expect(isDeep(counted)).toBe(false);
    countIntensities({ data: Uint16Array.of(1), stride: 1, channels: 1 }, counted);
    expect(isDeep(counted)).toBe(true);
  });
});

describe('a stretch', () => {
  it('makes the bounds black and white, and is linear between', () => {
    expect([...stretch(Uint16Array.of(0, 100, 1120, 2140, 65_535), [100, 2140])]).toEqual([
      0, 0, 128, 255, 255,
    ]);
    expect([...stretch(Uint8Array.of(0, 4, 8, 255), [0, 8 * 257])]).toEqual([0, 128, 255, 255]);
  });
});

describe('a PNG of 16 bits', () => {
  const values = Uint16Array.from({ length: 256 }, (_, i) => i * 16 + 3);

  it.each(['null', 'Adam7'] as const)('is decoded without loss (interlace %s)', (interlace) => {
    const png = deepPng(values, 1, interlace);
    expect(isDeepPng(png)).toBe(true);
    expect(decodeDeepPng(png, 16, 16)).toEqual({
      width: 16,
      height: 16,
      channels: 1,
      data: values,
      isTransparent: false,
    });
  });

  it('is laid over white where it is transparent', () => {
    const [half, most] = [32_768, 65_535];
    const alphas = [most, half, 0];
    const grey = Uint16Array.from({ length: 128 }, (_, i) => (i % 2 ? alphas[(i >> 1) % 3]! : 1000));
    const laid = decodeDeepPng(deepPng(grey, 2), 8, 8);
    expect([laid.channels, laid.isTransparent]).toEqual([1, true]);
    expect([...laid.data.subarray(0, 3)]).toEqual([1000, 33_267, most]);
    const colours = Uint16Array.from({ length: 256 }, (_, i) =>
      i % 4 === 3 ? alphas[(i >> 2) % 3]! : (i % 4) * 10_000,
    );
    const colour = decodeDeepPng(deepPng(colours, 4), 8, 8);
    expect([colour.channels, colour.isTransparent]).toEqual([3, true]);
    expect([...colour.data.subarray(0, 9)]).toEqual([
      ...[0, 10_000, 20_000, 32_767, 37_767, 42_767],
      ...[most, most, most],
    ]);
    const opaque = colours.map((value, i) => (i % 4 === 3 ? most : value));
    expect(decodeDeepPng(deepPng(opaque, 4), 8, 8).isTransparent).toBe(false);
  });

  it('is white in the one colour that is transparent', () => {
    const png = withPngChunks(deepPng(values, 1), pngChunk('tRNS', Buffer.from([0, 19])));
    const { data, isTransparent } = decodeDeepPng(png, 16, 16);
    expect(isTransparent).toBe(true);
    expect([...data.subarray(0, 3)]).toEqual([3, 65_535, 35]);
  });

  it('is told from one of eight bits', () => {
    expect(isDeepPng(handmadePng(8, 8, 8, [1, 2, 3]))).toBe(false);
  });

  it('is refused where it is very large', () => {
    expect(() => decodeDeepPng(deepPng(values, 1), 6000, 5000)).toThrow('6000×5000 pixels of 16 bits');
  });

  it('is refused before it expands to more than its header says', () => {
    const png = deepPng(values, 1);
    const at = png.indexOf('IDAT') - 4;
    const content = deflateSync(Buffer.alloc(50_000_000));
    const chunk = Buffer.concat([Buffer.alloc(4), Buffer.from('IDAT'), content, Buffer.alloc(4)]);
    chunk.writeUInt32BE(content.length, 0);
    chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
    const bomb = Buffer.concat([png.subarray(0, at), chunk, png.subarray(png.indexOf('IEND') - 4)]);
    expect(() => decodeDeepPng(bomb, 16, 16)).toThrow('the PNG is damaged');
  });

  it('becomes an image with the stretched contrast, and nearly black without', () => {
    const png = deepPng(values, 1);
    const form = { crop: 'none', imageSize: 32 } as const;
    const into = new Uint8Array(32 * 32 * 3);
    expect(readImage(png, form, into).channels).toBe(1);
    expect(Math.max(...into.subarray(0, 32 * 32))).toBeLessThan(17);
    expect(readImage(png, { ...form, bounds: [0, 4095] }, into).channels).toBe(1);
    expect(Math.max(...into.subarray(0, 32 * 32))).toBeGreaterThan(250);
  });
});
