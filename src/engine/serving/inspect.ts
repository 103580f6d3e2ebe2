import type { EngineHandlers } from './engine-handlers.ts';

/** What an import would make of files, for the host, which knows their paths. */
export function inspectHandlers(): Pick<EngineHandlers, 'engine.inspect' | 'engine.check'> {
  return {
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
