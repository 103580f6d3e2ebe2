import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../../../src/contract/client.ts';
import { tensor } from '../../../src/contract/tensor.ts';
import { faceFactors } from '../../../src/engine/synthetic/faces.ts';
import { clientOf, LATENT, makeTrainedWorkspace, smallConfig } from './small-workspace.ts';

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

it("an image's posterior and reconstruction are under its own condition", async () => {
  const { dataset, run } = made;
  for (const wears of [0, 1]) {
    const index = Array.from({ length: 150 }, (_, i) => i).find(
      (i) => faceFactors(4, i)[SUNGLASSES] === wears,
    )!;
    const { mu, reconstruction } = await client.request('models.posterior', { run: run.id, dataset, index });
    const code = tensor('f32', [1, LATENT], mu.data);
    const [own, other] = [
      await client.request('models.decode', { run: run.id, z: code, condition: wears }),
      await client.request('models.decode', { run: run.id, z: code, condition: 1 - wears }),
    ];
    expect(reconstruction.data).toEqual(own.data);
    expect(reconstruction.data).not.toEqual(other.data);
  }
});
