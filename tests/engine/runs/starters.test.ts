import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openModel } from '../../../src/engine/inference/model.ts';
import { CHECKPOINT_FILE } from '../../../src/engine/runs/store.ts';
import { importModel } from '../../../src/engine/runs/portable.ts';
import { faceFactors, drawFace } from '../../../src/engine/synthetic/faces.ts';
import { openWorkspace } from '../../../src/engine/basics/workspace.ts';

const starter = join(import.meta.dirname, '../../../resources/starters/1-starter');
const FACES = 200;

it('the starter model reconstructs sample faces that it never saw', async () => {
  expect((await stat(join(starter, CHECKPOINT_FILE))).size).toBeLessThan(1.1e6);
  const workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-starter-')));
  const { id } = await importModel(workspace, starter);
  const model = await openModel(workspace, id);
  const images = new Uint8Array(FACES * 64 * 64 * 3);
  for (let i = 0; i < FACES; i++) images.set(drawFace(faceFactors(77, i), 64), i * 64 * 64 * 3);
  const { mu } = model.encode(images, FACES);
  const error = (decoded: Float32Array): number =>
    decoded.reduce((sum, value, i) => sum + (value - images[i]! / 255) ** 2, 0) / FACES;
  const [own, mean] = [
    error(model.decode(mu, FACES)),
    error(model.decode(new Float32Array(mu.length), FACES)),
  ];
  model.dispose();
  await rm(workspace.root, { recursive: true });
  // Its codes tell faces apart: what is left of the variance is less than a fifth.
  expect(own).toBeLessThan(mean / 5);
});
