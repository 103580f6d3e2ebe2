import { EngineContext } from '../../../src/engine/serving/context.ts';
import { engineHandlers, type EngineHandlers } from '../../../src/engine/serving/handlers.ts';
import { openWorkspace } from '../../../src/engine/workspace.ts';

/** The engine in the test's own process, on the same workspace: what the window's pictures are compared with. */
export function referenceEngine(workspace: string): EngineHandlers {
  return engineHandlers(new EngineContext(openWorkspace(workspace)));
}
