import { parseArgs } from 'node:util';
import { errorPayload } from '../contract/errors.ts';
import { serve } from '../contract/serve.ts';
import { EngineContext } from './serving/context.ts';
import { engineHandlers } from './serving/handlers.ts';
import { openParentPort } from './serving/parent-port.ts';
import { shareGpu } from './tensorflow/gpu.ts';
import { placeStarter } from './serving/starter.ts';
import { openWorkspace } from './basics/workspace.ts';
import { shownText } from '../contract/shown-text.ts';

// The engine's process: answers what is asked of data sets, runs and models, always at once. Its owner starts it
// with `--workspace <folder>` and talks to it over its own channel; long work is done by job-process.ts.

const { values } = parseArgs({ options: { workspace: { type: 'string' } } });
const workspace = openWorkspace(values.workspace);
const port = openParentPort();
port.onClose(() => process.exit());
shareGpu();
// A workspace that cannot be written to can still be looked at.
await placeStarter(workspace).catch((error: unknown) => {
  process.stderr.write(`${shownText(errorPayload(error).message)}\n`);
});
serve(port, engineHandlers(new EngineContext(workspace)), { isHost: true });
