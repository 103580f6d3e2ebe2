import { describe, expect, it } from 'vitest';
import { tensor } from '../../../src/contract/tensor.ts';
import { faceOfSide, facesOf, writeRgba } from '../../../src/renderer/components/face.ts';

describe('faces', () => {
  it('cuts a batch into its images', () => {
    const batch = tensor(
      'u8',
      [2, 1, 2, 3],
      Uint8Array.from({ length: 12 }, (_, i) => i),
    );
    const [first, second] = facesOf(batch);
    expect(first).toMatchObject({ width: 2, height: 1, channels: 3 });
    expect([...second!.data]).toEqual([6, 7, 8, 9, 10, 11]);
  });

  it('are made smaller by the means of their pixels, and larger by repeating them', () => {
    const grey = (width: number, ...data: number[]) =>
      ({ width, height: width, channels: 1, data: Uint8Array.from(data) }) as const;
    const four = grey(4, 0, 4, 1, 1, 8, 0, 1, 2, 10, 10, 255, 255, 10, 10, 255, 254);
    expect(faceOfSide(four, 2)).toEqual(grey(2, 3, 1, 10, 255));
    const two = grey(2, 1, 2, 3, 4);
    expect(faceOfSide(two, 4)).toEqual(grey(4, 1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4));
    expect(faceOfSide(two, 2)).toBe(two);
    const coloured = {
      width: 2,
      height: 2,
      channels: 3,
      data: Uint8Array.from({ length: 12 }, (_, i) => i),
    } as const;
    expect([...faceOfSide(coloured, 1).data]).toEqual([5, 6, 7].map((value) => Math.round(value - 0.5)));
  });

  it('writes colour and grey pixels as opaque RGBA, where it is told to', () => {
    const pixels = new Uint8ClampedArray(12);
    writeRgba({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) }, pixels, 4);
    writeRgba({ width: 1, height: 1, channels: 1, data: Uint8Array.of(9) }, pixels, 8);
    expect([...pixels]).toEqual([0, 0, 0, 0, 1, 2, 3, 255, 9, 9, 9, 255]);
  });
});
