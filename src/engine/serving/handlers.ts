import { codesHandlers } from './codes.ts';
import type { EngineContext } from './context.ts';
import { datasetsHandlers } from './datasets.ts';
import { describeHandlers } from './describe.ts';
import { inspectHandlers } from './inspect.ts';
import { measureHandlers } from './measure.ts';
import { modelsHandlers } from './models.ts';
import type { EngineHandlers } from './engine-handlers.ts';
import { runsHandlers } from './runs.ts';

/** A handler for each of the engine's operations. */
export function engineHandlers(context: EngineContext): EngineHandlers {
  return {
    ...datasetsHandlers(context),
    ...runsHandlers(context),
    ...modelsHandlers(context),
    ...codesHandlers(context),
    ...measureHandlers(context),
    ...inspectHandlers(context),
    ...describeHandlers(context),
  };
}
