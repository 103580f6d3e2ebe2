import type { Handlers } from '../../contract/serve.ts';
import { codesHandlers } from './codes.ts';
import type { EngineContext } from './context.ts';
import { datasetsHandlers } from './datasets.ts';
import { describeHandlers } from './describe.ts';
import { inspectHandlers } from './inspect.ts';
import { measureHandlers } from './measure.ts';
import { modelsHandlers } from './models.ts';
import { runsHandlers } from './runs.ts';

/** Everything that the engine answers: to clients through the host, and to the host itself. */
export type EngineHandlers = Handlers<'engine'> & Handlers<'internal'>;

/** A handler for each of the engine's operations. */
export function engineHandlers(context: EngineContext): EngineHandlers {
  return {
    ...datasetsHandlers(context),
    ...runsHandlers(context),
    ...modelsHandlers(context),
    ...codesHandlers(context),
    ...measureHandlers(context),
    ...inspectHandlers(),
    ...describeHandlers(context),
  };
}
