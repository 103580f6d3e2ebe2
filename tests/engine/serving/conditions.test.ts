import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../src/contract/client.ts';
import type { Recipe } from '../../../src/contract/recipe.ts';
import { tensor } from '../../../src/contract/tensor.ts';
import { createSprites } from '../../../src/engine/data/sample.ts';
import { openModel } from '../../../src/engine/inference/model.ts';
import { renderRecipe } from '../../../src/engine/animation/recipe.ts';
import { faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { runHere } from '../../cli/run-cli.ts';
import { endOf, startJob } from './processes.ts';
import { clientOf, FACES, LATENT, makeTrainedWorkspace, smallConfig } from './small-workspace.ts';

const SUNGLASSES = 4;

let made: Awaited<ReturnType<typeof makeTrainedWorkspace>>;
let client: Client;
beforeAll(async () => {
  made = await makeTrainedWorkspace({ ...smallConfig, condition: 'sunglasses' });
  client = clientOf(made.workspace);
});
afterAll(async () => {
  client.close();
  await made.remove();
});

const z = tensor('f32', [1, LATENT], new Float32Array(LATENT));

it('a conditional model decodes under the condition that it is told, else the usual', async () => {
  const run = made.run.id;
  const { usual } = made.run.condition!;
  const [without, yes, no] = [
    await client.request('models.decode', { run, z }),
    await client.request('models.decode', { run, z, condition: 1 }),
    await client.request('models.decode', { run, z, condition: 0 }),
  ];
  expect(yes.data).not.toEqual(no.data);
  expect(without.data).toEqual(usual === 1 ? yes.data : no.data);
});

it('tells each code its own, where there is one for each', async () => {
  const run = made.run.id;
  const twelve = tensor('f32', [12, LATENT], new Float32Array(12 * LATENT));
  const condition = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  const { data } = await client.request('models.decode', { run, z: twelve, condition });
  const size = data.length / 12;
  const [no, yes] = [
    await client.request('models.decode', { run, z: twelve, condition: 0 }),
    await client.request('models.decode', { run, z: twelve, condition: 1 }),
  ];
  for (let i = 0; i < 12; i++) {
    const part = [i * size, (i + 1) * size] as const;
    const { data: same } = condition[i] === 1 ? yes : no;
    expect(data.subarray(...part)).toEqual(same.subarray(...part));
  }
  await expect(client.request('models.decode', { run, z: twelve, condition: [1, 0] })).rejects.toThrow(
    'There are 12 codes and 2 conditions.',
  );
});

/** The first image with sunglasses, or without. */
function firstThat(wears: number): number {
  return Array.from({ length: FACES }, (_, i) => i).find((i) => faceFactors(4, i)[SUNGLASSES] === wears)!;
}

it("an image's posterior and reconstruction are under its own condition, which it says", async () => {
  const { dataset, run } = made;
  for (const wears of [0, 1]) {
    const index = firstThat(wears);
    const { mu, reconstruction, condition } = await client.request('models.posterior', {
      ...{ run: run.id, dataset, index },
    });
    expect(condition).toBe(wears);
    const code = tensor('f32', [1, LATENT], mu.data);
    const [own, other] = [
      await client.request('models.decode', { run: run.id, z: code, condition: wears }),
      await client.request('models.decode', { run: run.id, z: code, condition: 1 - wears }),
    ];
    expect(reconstruction!.data).toEqual(own.data);
    expect(reconstruction!.data).not.toEqual(other.data);
  }
});

it('images of a data set without the column are under the usual condition', async () => {
  const { id } = await createSprites(made.workspace, { count: 20, seed: 1 });
  const run = made.run.id;
  const posterior = await client.request('models.posterior', { run, dataset: id, index: 7 });
  expect(posterior).not.toHaveProperty('condition');
  const code = tensor('f32', [1, LATENT], posterior.mu.data);
  const usual = await client.request('models.decode', { run, z: code });
  expect(posterior.reconstruction!.data).toEqual(usual.data);
});

describe('the recipe of a GIF', () => {
  const recipe = (condition: number | undefined): Recipe => ({
    ...{ kind: 'traversal', version: 1, run: made.run.id, frames: 4, fps: 10, pingPong: false },
    ...{ tileSizePx: 64, labels: false, layout: 'grid', theme: 'dark', dimensions: [1], from: -1, to: 1 },
    center: Array<number>(LATENT).fill(0.25),
    ...(condition === undefined ? {} : { condition }),
  });

  it('is drawn under the condition that it names, else the usual', async () => {
    const model = await openModel(made.workspace, made.run.id);
    const draw = async (condition?: number) => (await renderRecipe(model, recipe(condition))).file;
    const [without, yes, no] = [await draw(), await draw(1), await draw(0)];
    model.dispose();
    expect(yes).not.toEqual(no);
    expect(without).toEqual(made.run.condition!.usual === 1 ? yes : no);
  });

  it('keeps the condition, so that the command line makes the same file', async () => {
    const { workspace, run } = made;
    const path = join(workspace.root, 'told.gif');
    const job = startJob(workspace.root, { kind: 'export', recipe: recipe(1), path });
    await job.exited;
    expect(endOf(job)).toMatchObject({ type: 'done' });
    const [kept] = await client.request('runs.recipes', { run: run.id });
    expect(kept).toEqual(recipe(1));
    const again = join(workspace.root, 'again.gif');
    const shared = ['--workspace', workspace.root];
    const { code } = await runHere('traverse', run.id, '--recipe', 'last', '--out', again, ...shared);
    expect(code).toBe(0);
    expect(await readFile(again)).toEqual(await readFile(path));
    const preview = await client.request('models.preview', { recipe: recipe(1) });
    expect(preview.bytes).toBe((await readFile(path)).length);
    const other = await client.request('models.preview', { recipe: recipe(0) });
    expect(other.frames.data).not.toEqual(preview.frames.data);
  });
});
