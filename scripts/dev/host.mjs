import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The program that `npm run dev` serves the workspace with: what `unravel serve` does, without the window's pages, and
 * with an engine that can be started anew. It is asked things by its parent, and ends in order when that is gone.
 */
const [built = '', workspace = '', pages = ''] = process.argv.slice(2);

/** @param {import('./served.mjs').HostNews} news */
const tell = (news) => process.send?.(news);
/** @param {unknown} error */
function words(error) {
  const hint = error instanceof Error && 'hint' in error ? error.hint : undefined;
  return [error instanceof Error ? error.message : String(error), hint].filter(Boolean).join(' ');
}

/** @type {Promise<unknown> | undefined} */
let ending;
function end() {
  // Where it does not serve, the parent has been told why.
  ending ??= Promise.resolve(served?.catch(() => undefined))
    .then((running) => running?.close())
    .catch((/** @type {unknown} */ error) => process.stderr.write(`${words(error)}\n`))
    .finally(() => process.exit());
}

/** @type {Promise<import('../../src/server/serve-workspace.ts').ServedWorkspace> | undefined} */
let served;
process.on('disconnect', end);
process.on('message', (/** @type {import('./served.mjs').HostOrder} */ order) => {
  if (order.type === 'serve') {
    served = serve(order);
    served.then(
      ({ port }) => tell({ type: 'serving', port }),
      (/** @type {unknown} */ error) => tell({ type: 'failed', message: words(error) }),
    );
  }
  if (order.type === 'restart-engine') void served?.then((running) => running.restartEngine());
  if (order.type === 'end') end();
});

/** @param {{ token: string, version: string }} order */
async function serve({ token, version }) {
  /** @type {unknown} */
  const module = await import(pathToFileURL(join(built, 'server.js')).href);
  const { serveWorkspace } = /** @type {typeof import('../../src/server/serve-workspace.ts')} */ (module);
  return serveWorkspace({
    workspace,
    version,
    token,
    pages,
    entries: { engine: join(built, 'engine.js'), job: join(built, 'job.js') },
    onTrouble: (error) => process.stderr.write(`${words(error)}\n`),
  });
}
