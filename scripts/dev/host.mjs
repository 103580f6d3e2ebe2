import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The program that `npm run dev` serves the workspace with: what `unravel serve` does, without the window's pages, and
 * with an engine that can be started anew. It is asked things by its parent, and ends in order when that is gone.
 */
const [built = '', workspace = '', pages = ''] = process.argv.slice(2);

/** @param {import('./served.mjs').HostNews} news */
const tell = (news) => process.send?.(news);
const words = (error) => [error.message, error.hint].filter(Boolean).join(' ');

let ending;
function end() {
  // Where it does not serve, the parent has been told why.
  ending ??= Promise.resolve(served?.catch(() => undefined))
    .then((running) => running?.close())
    .catch((error) => process.stderr.write(`${words(error)}\n`))
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
      (error) => tell({ type: 'failed', message: words(error) }),
    );
  }
  if (order.type === 'restart-engine') void served?.then((running) => running.restartEngine());
  if (order.type === 'end') end();
});

async function serve({ token, version }) {
  const { serveWorkspace } = await import(pathToFileURL(join(built, 'server.js')).href);
  return serveWorkspace({
    workspace,
    version,
    token,
    pages,
    entries: { engine: join(built, 'engine.js'), job: join(built, 'job.js') },
    onTrouble: (error) => process.stderr.write(`${words(error)}\n`),
  });
}
