import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The part of Emscripten's file system in which the library looks for its plugins. */
interface PluginFolder {
  mkdirTree(path: string): void;
  writeFile(path: string, bytes: Uint8Array): void;
}

/** The part of the library that finds plugins. */
export interface PluginHost {
  readonly FS: PluginFolder;
  get_plugin_search_paths(): string[];
}

/** The numbers of the filters that the library has: gzip, shuffle, checksum, szip, nbit and scale-offset. */
const KNOWN_FILTERS = new Set([1, 2, 3, 4, 5, 6]);
/** Filters that Python's h5py, PyTables and hdf5plugin write, and the files of the plugins that read them. */
const PLUGINS: Readonly<Record<number, string>> = {
  ...{ 307: 'bz2', 32000: 'lzf', 32001: 'blosc', 32004: 'lz4', 32008: 'bshuf', 32015: 'zstd' },
};
/** What others are called. */
const OTHER_FILTERS: Readonly<Record<number, string>> = {
  ...{ 305: 'lzo', 32013: 'zfp', 32017: 'sz', 32026: 'blosc2' },
};

const added = new Set<number>();

/**
 * Gives the library what it needs to read data sets with these filters.
 *
 * @param filters - their numbers
 * @returns the name of a compression that cannot be read; undefined if there is none
 */
export function addFilters(library: PluginHost, filters: readonly number[]): string | undefined {
  for (const id of filters) {
    if (KNOWN_FILTERS.has(id) || added.has(id)) continue;
    const plugin = PLUGINS[id];
    const [folder] = library.get_plugin_search_paths();
    if (plugin === undefined || folder === undefined) return OTHER_FILTERS[id] ?? `filter ${id}`;
    const file = `libH5Z${plugin}.so`;
    const { resolve } = createRequire(import.meta.url);
    // The plugins are programs for the library's own virtual machine, as the library is itself.
    const bytes = readFileSync(resolve(`h5wasm-plugins/plugins/${file}`));
    library.FS.mkdirTree(folder);
    library.FS.writeFile(`${folder}/${file}`, bytes);
    added.add(id);
  }
  return undefined;
}
