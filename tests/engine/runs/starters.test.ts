import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openModel } from '../../../src/engine/inference/model.ts';
import { importModel } from '../../../src/engine/runs/portable.ts';
import { faceFactors, drawFace } from '../../../src/engine/synthetic/faces.ts';
import { openWorkspace } from '../../../src/engine/basics/workspace.ts';
import { GALLERY, STARTER_FOLDERS, STARTERS } from '../../fixtures/starters.ts';

const starter = STARTER_FOLDERS.at(-1)!;
const GALLERY_BYTES = 24e6;
const SIZE = STARTERS.at(-1)!.imageSize;
const FACES = 200;

it('the starter model reconstructs sample faces that it never saw', async () => {
  const workspace = openWorkspace(await mkdtemp(join(tmpdir(), 'unravel-starter-')));
  const { id } = await importModel(workspace, starter);
  const model = await openModel(workspace, id);
  const images = new Uint8Array(FACES * SIZE * SIZE * 3);
  for (let i = 0; i < FACES; i++) images.set(drawFace(faceFactors(77, i), SIZE), i * SIZE * SIZE * 3);
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

it('the gallery is small enough to ship', async () => {
  const entries = await readdir(GALLERY, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(GALLERY_BYTES);
});
