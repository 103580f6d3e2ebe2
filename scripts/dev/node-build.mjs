import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { resolveConfig } from 'electron-vite';
import { build } from 'vite';
import { moveInto } from '../build.mjs';
import { removeFolder } from '../setup/remove.mjs';

/**
 * What `npm run dev` runs in Node: the server, the engine, jobs and their workers, built as electron.vite.config.ts says
 * into a folder of their own.
 */
export class NodeBuild {
  #root;
  #folder;
  #staging;
  /** @type {Map<string, string>} what each entry consisted of in the last build */
  #digests = new Map();

  /**
   * @param {string} root - the clone
   * @param {string} folder - absolute; gets the entries, and `chunks` below them
   */
  constructor(root, folder) {
    this.#root = root;
    this.#folder = folder;
    this.#staging = `${folder}.building-${process.pid}`;
  }

  /**
   * Builds everything. Processes that run go on with the files that they were started from.
   *
   * @returns {Promise<Set<string>>} the names of the entries whose code is another than in the last build
   * @throws {Error} with the bundler's message; then the last build stays
   */
  async run() {
    const { config } = await resolveConfig({ root: this.#root, logLevel: 'silent' }, 'build', 'development');
    const main = config?.main;
    const rolldownOptions = main?.build?.rolldownOptions;
    try {
      const result = await build({
        ...main,
        build: {
          ...main?.build,
          outDir: this.#staging,
          emptyOutDir: true,
          rolldownOptions: {
            ...rolldownOptions,
            input: this.#entries(/** @type {Record<string, string>} */ (rolldownOptions?.input)),
          },
        },
      });
      const { output } = /** @type {import('vite').Rolldown.RolldownOutput} */ (result);
      await moveInto(this.#staging, this.#folder);
      return this.#compare(output);
    } finally {
      await removeFolder(this.#staging);
    }
  }

  /**
   * The server, and every entry of the engine.
   *
   * @param {Record<string, string>} configured
   * @returns {Record<string, string>}
   */
  #entries(configured) {
    const ofEngine = Object.entries(configured).filter(([, path]) =>
      relative(this.#root, path).startsWith(join('src', 'engine')),
    );
    return { ...Object.fromEntries(ofEngine), server: join(this.#root, 'src/server/serve-workspace.ts') };
  }

  /** @param {import('vite').Rolldown.RolldownOutput['output']} output */
  #compare(output) {
    /** @type {Map<string, import('vite').Rolldown.OutputChunk>} */
    const chunks = new Map();
    for (const part of output) if (part.type === 'chunk') chunks.set(part.fileName, part);
    /** @type {Set<string>} */
    const changed = new Set();
    for (const { isEntry, name, fileName } of chunks.values()) {
      if (!isEntry) continue;
      const digest = digestOf(chunks, fileName);
      if (this.#digests.get(name) !== digest) changed.add(name);
      this.#digests.set(name, digest);
    }
    return changed;
  }
}

/**
 * Of a chunk and of all that it imports, now or later.
 *
 * @param {Map<string, import('vite').Rolldown.OutputChunk>} chunks
 * @param {string} fileName
 */
function digestOf(chunks, fileName) {
  const reached = new Set([fileName]);
  const hash = createHash('sha256');
  // A set is walked in the order of insertion, with what is inserted meanwhile.
  for (const name of reached) {
    const chunk = chunks.get(name);
    if (chunk === undefined) continue;
    hash.update(`${name}\n${chunk.code}\n`);
    for (const next of [...chunk.imports, ...chunk.dynamicImports]) reached.add(next);
  }
  return hash.digest('hex');
}
