import { parentPort, workerData } from 'node:worker_threads';
import {
  BLOCKS_IN_FLIGHT,
  COPIED,
  FACES_PER_BLOCK,
  TAKEN,
  type BlockDrawn,
  type FacesWorkerData,
} from './face-blocks.ts';
import { drawFace, faceFactors } from './faces.ts';

// A worker thread of draw-faces.ts: takes the next block until none is left.

const { seed, start, count, sizePx, buffer, next } = workerData as FacesWorkerData;
const bytesPerFace = sizePx * sizePx * 3;
const blocks = Math.ceil(count / FACES_PER_BLOCK);

for (;;) {
  const block = Atomics.add(next, TAKEN, 1);
  if (block >= blocks) break;
  waitForRoom(block);
  const first = block * FACES_PER_BLOCK;
  const place = (block % BLOCKS_IN_FLIGHT) * FACES_PER_BLOCK * bytesPerFace;
  const faces = Math.min(FACES_PER_BLOCK, count - first);
  for (let face = 0; face < faces; face++) {
    const into = new Uint8Array(buffer, place + face * bytesPerFace, bytesPerFace);
    drawFace(faceFactors(seed, start + first + face), sizePx, into);
  }
  parentPort?.postMessage({ block } satisfies BlockDrawn);
}

/** Waits until the earlier block at the same position has been copied by the reader. */
function waitForRoom(block: number): void {
  for (;;) {
    const copied = Atomics.load(next, COPIED);
    if (block - copied < BLOCKS_IN_FLIGHT) return;
    Atomics.wait(next, COPIED, copied);
  }
}
