import type { Client } from '../../../contract/client.ts';
import { tensor } from '../../../contract/tensor.ts';
import type { RunInfo } from '../../../contract/run.ts';
import { facesOf, type FaceImage } from '../../components/face.ts';

/** Faces that a model draws from nothing but its prior. */
export async function priorFaces(client: Client, run: RunInfo, count: number): Promise<FaceImage[]> {
  const codes = await Promise.all(
    Array.from({ length: count }, (_, seed) => client.request('models.sample', { run: run.id, seed })),
  );
  const { latentDim } = run.config;
  const z = new Float32Array(count * latentDim);
  codes.forEach(({ data }, i) => z.set(data, i * latentDim));
  return facesOf(
    await client.request('models.decode', { run: run.id, z: tensor('f32', [count, latentDim], z) }),
  );
}

/** A place on the wall of tiles, and which face hangs there. */
export interface WallTile {
  readonly leftPx: number;
  readonly topPx: number;
  /** 0 in the middle of the wall, 1 at its ends: how far it fades. */
  readonly distance: number;
  readonly face: number | undefined;
}

const TILE_PX = 64;
const PITCH_PX = 72;
/** Between the wall and the edges around it, where there is room for it. */
const LEAST_MARGIN_PX = 24;
/** What stands in the middle of the wall. */
const HOLE = { widthPx: 656, heightPx: 440 };

/**
 * A wall of tiles around a hole in its middle. Which tiles have faces is scattered evenly and always the same.
 *
 * @param faces - how many there are to hang
 */
export function faceWall(widthPx: number, heightPx: number, faces: number): WallTile[] {
  const fitting = (lengthPx: number): number =>
    Math.max(0, Math.floor((lengthPx - 2 * LEAST_MARGIN_PX + PITCH_PX - TILE_PX) / PITCH_PX));
  const columns = fitting(widthPx);
  const rows = fitting(heightPx);
  const left = (widthPx - columns * PITCH_PX + PITCH_PX - TILE_PX) / 2;
  const top = (heightPx - rows * PITCH_PX + PITCH_PX - TILE_PX) / 2;
  const tiles: Omit<WallTile, 'face'>[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const leftPx = left + column * PITCH_PX;
      const topPx = top + row * PITCH_PX;
      const x = leftPx + TILE_PX / 2 - widthPx / 2;
      const y = topPx + TILE_PX / 2 - heightPx / 2;
      const isHole =
        Math.abs(x) < (HOLE.widthPx + TILE_PX) / 2 && Math.abs(y) < (HOLE.heightPx + TILE_PX) / 2;
      if (!isHole)
        tiles.push({
          leftPx,
          topPx,
          distance: Math.min(1, Math.hypot(x / widthPx, y / heightPx) * Math.SQRT2),
        });
    }
  }
  // Every few tiles one, near the hole rather than at the ends, where they fade; steps by the golden ratio spread them.
  const near = tiles.map((_, i) => i).filter((i) => tiles[i]!.distance < 0.95);
  const hung = new Map<number, number>();
  for (let k = 0; k < faces && hung.size < near.length; k++) {
    const step = ((k + 1) * 0.6180339887) % 1;
    hung.set(near[Math.floor(step * near.length)]!, k);
  }
  return tiles.map((tile, i) => ({ ...tile, face: hung.get(i) }));
}
