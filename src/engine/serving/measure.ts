import type { CarriedLabels, Counterpart } from '../../contract/operations/measure.ts';
import { findCounterparts } from '../codes/correlate.ts';
import { carriedLabels } from '../figures/carried-labels.ts';
import { describeKnownCodes } from '../figures/run-codes.ts';
import { isVariational } from '../../contract/run.ts';
import { readEvaluation } from '../evaluation/stored-evaluations.ts';
import { knownOf, type EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

/** Measuring and comparing: what was measured of a run, and which dimensions of models go together. */
export function measureHandlers(
  context: EngineContext,
): Pick<EngineHandlers, 'runs.evaluation' | 'models.match' | 'models.counterparts'> {
  return {
    'runs.evaluation': async ({ run, dataset }) => readEvaluation((await context.run(run)).folder, dataset),

    'models.match': async ({ run, dataset }) => {
      const { config } = (await context.run(run)).info;
      return context.withCodes(run, dataset, (open) =>
        knownOf<CarriedLabels>(open, 'labels', () =>
          context.withDataset(dataset, async (images) =>
            carriedLabels(await describeKnownCodes(open.codes, images, !isVariational(config.objective))),
          ),
        ),
      );
    },

    'models.counterparts': ({ run, others, dataset }, { signal }) =>
      context.withCodes(run, dataset, async (open) => {
        const found: (Counterpart | null)[][] = [];
        for (const other of others) {
          signal.throwIfAborted();
          found.push(
            await context.withCodes(other, dataset, ({ codes }) => findCounterparts(open.codes, codes)),
          );
        }
        return found;
      }),
  };
}
