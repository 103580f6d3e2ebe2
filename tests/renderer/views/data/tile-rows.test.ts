// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IMAGE_SIZES } from '../../../../src/contract/image-size.ts';
import { faceOfSide, type FaceImage } from '../../../../src/renderer/components/face.ts';
import { Thumbnails } from '../../../../src/renderer/scene/thumbnails.ts';
import { gridShape, PITCH_PX, TILE_PX } from '../../../../src/renderer/views/data/grid.ts';
import { TileRows } from '../../../../src/renderer/views/data/tile-rows.ts';

/** What was painted onto any canvas: where, how large, and the first pixel's red. */
let painted: { x: number; y: number; width: number; height: number; red: number }[];
beforeEach(() => {
  painted = [];
  const context = {
    clearRect: () => undefined,
    fillRect: () => undefined,
    putImageData: ({ width, height, data }: ImageData, x: number, y: number) =>
      painted.push({ x, y, width, height, red: data[0]! }),
  };
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(context as never);
});
afterEach(() => vi.restoreAllMocks());

const shade = (side: number, value: number): FaceImage => ({
  ...{ width: side, height: side, channels: 1 },
  data: new Uint8Array(side * side).fill(value),
});

describe.each(IMAGE_SIZES)('images of %i pixels', (imageSize) => {
  it('fill the tiles of the wall', () => {
    const host = document.createElement('div');
    const rows = new TileRows(host, (position) => faceOfSide(shade(imageSize, 10 + position), TILE_PX));
    rows.show(gridShape(5, 3 * PITCH_PX), 0, 2);
    expect(painted).toEqual(
      [0, 1, 2, 3, 4].map((position) => ({
        ...{ x: (position % 3) * PITCH_PX, y: 0, width: TILE_PX, height: TILE_PX },
        red: 10 + position,
      })),
    );
    rows.dispose();
  });

  it('fill the places of the thumbnails', () => {
    const thumbnails = new Thumbnails();
    thumbnails.add(7, shade(imageSize, 90));
    thumbnails.add(8, shade(imageSize, 91));
    expect(thumbnails.has(7)).toBe(true);
    expect(painted).toEqual([
      { x: 0, y: 0, width: 64, height: 64, red: 90 },
      { x: 64, y: 0, width: 64, height: 64, red: 91 },
    ]);
    thumbnails.dispose();
  });
});
