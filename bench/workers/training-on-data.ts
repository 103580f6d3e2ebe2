import { openDataset } from '../../src/engine/data/store.ts';
import { BatchPlan, readBatches } from '../../src/engine/training/batches.ts';
import { splitImages } from '../../src/engine/data/split.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import type { Options, Work } from './work.ts';
import { answer } from './timing.ts';
import { BATCH, specFor, Trainer } from './trainer.ts';

/**
 * Training steps on a data set of the workspace, its batches drawn and read ahead as a training does. The network
 * is the small one, so that slower reading would be visible beside its short step.
 */
export async function trainingOnData({ workspace, dataset: id = '' }: Options): Promise<Work> {
  const dataset = await openDataset(openWorkspace(workspace), id);
  const objective = { model: 'vae' } as const;
  const { train } = splitImages(dataset.info.images, 0.05);
  const plan = new BatchPlan(train, BATCH, 1);
  const batches = readBatches(dataset, plan, 0, Number.MAX_SAFE_INTEGER);
  const trainer = new Trainer(specFor(objective, 'burgess'), objective, { datasetSize: train.length });
  return (steps) =>
    answer(steps, async () => {
      const next = await batches.next();
      if (next.done) throw new Error('the batches ended');
      return { loss: trainer.step(next.value.images).loss.total };
    });
}
