import { parseArgs } from 'node:util';
import { errorPayload } from '../contract/errors.ts';
import { serve } from '../contract/serve.ts';
import { EngineContext } from './serving/context.ts';
import { engineHandlers } from './serving/handlers.ts';
import { openParentPort } from './serving/parent-port.ts';
import { shareGpu } from './tensorflow/gpu.ts';
import { placeStartersOnce } from './serving/starters.ts';
import { openWorkspace } from './basics/workspace.ts';
import { shownText } from '../contract/shown-text.ts';

// The engine's process: answers requests about data sets, runs and models. The host starts it with `--workspace
// <folder>` and sends requests over its IPC channel. Long work is done by job-process.ts.

const { values } = parseArgs({ options: { workspace: { type: 'string' } } });
const workspace = openWorkspace(values.workspace);
const port = openParentPort();
port.onClose(() => process.exit());
shareGpu();
// A read-only workspace can still be viewed.
await placeStartersOnce(workspace).catch((error: unknown) => {
  process.stderr.write(`${shownText(errorPayload(error).message)}\n`);
});
serve(port, engineHandlers(new EngineContext(workspace)), { isHost: true });
