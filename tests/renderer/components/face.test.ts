import { describe, expect, it } from 'vitest';
import { tensor } from '../../../src/contract/tensor.ts';
import { facesOf, writeRgba } from '../../../src/renderer/components/face.ts';

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

  it('writes colour and grey pixels as opaque RGBA, where it is told to', () => {
    const pixels = new Uint8ClampedArray(12);
    writeRgba({ width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) }, pixels, 4);
    writeRgba({ width: 1, height: 1, channels: 1, data: Uint8Array.of(9) }, pixels, 8);
    expect([...pixels]).toEqual([0, 0, 0, 0, 1, 2, 3, 255, 9, 9, 9, 255]);
  });
});
