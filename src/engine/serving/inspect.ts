import { deleteRemovedDataset } from '../data/dataset-names.ts';
import { deleteRemovedRun } from '../runs/store.ts';
import type { EngineContext } from './context.ts';
import type { EngineHandlers } from './engine-handlers.ts';

/** What the host alone may ask: work on files by their paths, and the final removal of what was removed. */
export function inspectHandlers({
  workspace,
}: EngineContext): Pick<
  EngineHandlers,
  'engine.inspect' | 'engine.check' | 'engine.codes' | 'engine.import-model' | 'engine.delete-removed'
> {
  return {
    'engine.import-model': async ({ paths }) => {
      const { importModelFrom } = await import('../runs/model-source.ts');
      return (await importModelFrom(workspace, paths)) ?? null;
    },
    'engine.delete-removed': async ({ kind, id }) => {
      await (kind === 'dataset' ? deleteRemovedDataset(workspace, id) : deleteRemovedRun(workspace, id));
      return {};
    },
    'engine.codes': async ({ paths, key }) => {
      const { findCodes } = await import('../codes/foreign/find-codes.ts');
      return (await findCodes(paths, key)) ?? null;
    },
    'engine.inspect': async ({ paths, ...options }, { signal }) => {
      // Brings the import with it, which the first answers need not wait for.
      const { inspectSource } = await import('../importing/inspect.ts');
      return inspectSource(paths, { ...options, signal });
    },
    'engine.check': async ({ paths, ...options }, { signal }) => {
      const { checkSource } = await import('../importing/check.ts');
      return checkSource(paths, { ...options, signal });
    },
  };
}
