import { importDataset } from '../../src/engine/importing/import.ts';
import { removeDataset } from '../../src/engine/data/store.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import type { Answer } from '../harness/worker.ts';
import type { Options, Work } from './work.ts';

/**
 * Imports a folder of CelebA-sized JPEGs into a workspace, from looking through the folder to the stored data set.
 * Unless `keep` is given the data set is removed again, which is not timed.
 */
export function importing({ workspace: root, folder = '', workers = '2', keep }: Options): Work {
  const workspace = openWorkspace(root);
  return async (steps) => {
    const ms: number[] = [];
    let last: Omit<Answer, 'ms'> = {};
    for (let i = 0; i < steps; i++) {
      const start = performance.now();
      const { id, images } = await importDataset(workspace, folder, {
        name: 'bench',
        crop: 'celeba',
        workers: Number(workers),
      });
      ms.push(performance.now() - start);
      last = { dataset: id, images };
      if (keep === undefined) await removeDataset(workspace, id);
    }
    return { ms, ...last };
  };
}
