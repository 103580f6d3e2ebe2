import type { Input } from '../../../src/contract/operations.ts';
import type { Asker } from '../../../src/contract/serve.ts';
import { EngineContext } from '../../../src/engine/serving/context.ts';
import type { EngineHandlers } from '../../../src/engine/serving/engine-handlers.ts';
import { engineHandlers } from '../../../src/engine/serving/handlers.ts';
import { openWorkspace } from '../../../src/engine/basics/workspace.ts';

/** What the engine answers, without anybody who could go away meanwhile. */
export type ReferenceEngine = {
  readonly [N in keyof EngineHandlers]: (input: Input<N>) => ReturnType<EngineHandlers[N]>;
};

/** The engine in the test's own process, on the same workspace: what the window's pictures are compared with. */
export function referenceEngine(workspace: string): ReferenceEngine {
  const asker: Asker = { client: 0, signal: new AbortController().signal };
  const handlers = Object.entries(engineHandlers(new EngineContext(openWorkspace(workspace))));
  const answers = handlers.map(([name, handler]) => [
    name,
    (input: never) => (handler as (input: never, asker: Asker) => unknown)(input, asker),
  ]);
  return Object.fromEntries(answers) as ReferenceEngine;
}
