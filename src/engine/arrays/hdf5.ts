import type { Dataset, Group } from 'h5wasm';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import { decodeNumbers, type Numbers, type NumberType } from '../files/numbers.ts';
import { PIECE_BYTES, rowElements, type ArrayArchive, type Elements, type StoredArray } from './archive.ts';
import { addFilters, type PluginHost } from './hdf5-filters.ts';
import { openFile, type OpenFile } from './open-file.ts';

/** HDF5's numbers of the classes of types. */
const CLASSES = { integer: 0, float: 1, text: 3, enumeration: 8 } as const;
const MOST_DEPTH = 8;
const MOST_OBJECTS = 4096;
/** Compressed chunks up to this size are read whole, so that none is decompressed twice. */
const MOST_CHUNK_BYTES = 64 * 2 ** 20;
/** A compressed chunk is decompressed as a whole, into memory. */
const MOST_PACKED_CHUNK_BYTES = 256 * 2 ** 20;

/** The parts of Emscripten's file system that are used. */
interface FileSystem {
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
  lookupPath(path: string): { readonly node: Node };
}
interface Node {
  stream_ops: Record<string, unknown>;
}
/** The parts of the library below its classes that are used. */
interface Library extends PluginHost {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  get_dataset_data(
    file: bigint,
    path: string,
    count: bigint[],
    offset: bigint[],
    strides: bigint[],
    into: bigint,
  ): number;
}

let opened = 0;

function broken(path: string, what: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    cause,
    hint: 'Download or save it again.',
  });
}

/**
 * Adds a file to the library's file system, whose bytes are read when they are needed. The library sees no other
 * file, so that a link to one, or numbers kept in one, cannot be followed.
 */
function mount(system: FileSystem, file: OpenFile): string {
  const path = `/${opened++}.h5`;
  system.writeFile(path, new Uint8Array(0));
  const { node } = system.lookupPath(path);
  Object.defineProperty(node, 'usedBytes', { get: () => file.size });
  node.stream_ops = {
    ...node.stream_ops,
    read: (_stream: unknown, memory: Int8Array, offset: number, length: number, position: number) =>
      file.readInto(
        new Uint8Array(
          memory.buffer,
          memory.byteOffset + offset,
          Math.max(0, Math.min(length, file.size - position)),
        ),
        position,
      ),
  };
  return path;
}

/** The type of a data set's elements; a text says why it cannot be read. */
function typeOf({ metadata }: Dataset): NumberType | 'text' | { readonly reason: string } {
  const { type, size, signed } = metadata;
  const bits = size * 8;
  if (type === CLASSES.text) return 'text';
  if (type === CLASSES.enumeration)
    return size === 1 ? 'int8' : { reason: 'it is an enumeration of more than a byte' };
  if (type === CLASSES.integer && [8, 16, 32, 64].includes(bits)) {
    return `${signed ? '' : 'u'}int${bits}` as NumberType;
  }
  if (type === CLASSES.float && (bits === 16 || bits === 32 || bits === 64)) return `float${bits}`;
  return {
    reason:
      type === CLASSES.float
        ? `numbers of type float${bits} are not supported`
        : 'its elements are no numbers and no texts',
  };
}

/** Reads some rows as they are stored, which the library's classes do not do for every type of number. */
function readBytes(library: Library, data: Dataset, from: number, to: number): Uint8Array<ArrayBuffer> {
  const [, ...row] = data.shape!;
  const count = [to - from, ...row];
  const length = count.reduce((product, n) => product * n, data.metadata.size);
  const pointer = library._malloc(length);
  if (pointer === 0) throw new Error('there is not enough memory');
  try {
    const offset = count.map((_, axis) => (axis === 0 ? BigInt(from) : 0n));
    const strides = count.map(() => 1n);
    library.get_dataset_data(data.file_id, data.path, count.map(BigInt), offset, strides, BigInt(pointer));
    return library.HEAPU8.slice(pointer, pointer + length);
  } finally {
    library._free(pointer);
  }
}

/** What MATLAB says about an array of its own. */
function matlabRefusal(data: Dataset): string | undefined {
  if ('MATLAB_empty' in data.attrs) return 'it is empty';
  return data.attrs['MATLAB_class']?.value === 'char' ? 'it is a text of MATLAB 7.3' : undefined;
}

/** Why a data set is not read, by how it is kept; undefined for one that is. */
function layoutRefusal(library: Library, data: Dataset): string | undefined {
  const { chunks, size, virtual_sources: sources } = data.metadata;
  if (sources !== undefined) return 'it is a virtual data set, put together from others';
  const chunkBytes = (chunks ?? []).reduce((product, n) => product * n, size);
  if (chunks && chunkBytes > MOST_PACKED_CHUNK_BYTES && data.filters.length > 0) {
    return `it is compressed in pieces of ${Math.round(chunkBytes / 2 ** 20).toLocaleString('en')} MB, and at most ${MOST_PACKED_CHUNK_BYTES / 2 ** 20} MB are read`;
  }
  const compression = addFilters(
    library,
    data.filters.map(({ id }) => id),
  );
  return compression === undefined
    ? undefined
    : `it is compressed with ${compression}, which is not supported; save it with gzip, or without compression`;
}

function storedArray(library: Library, path: string, name: string, data: Dataset): StoredArray | string {
  const { shape, chunks } = data.metadata;
  const type = typeOf(data);
  if (typeof type === 'object') return type.reason;
  if (!shape) return 'it is empty';
  const refusal = layoutRefusal(library, data) ?? matlabRefusal(data);
  if (refusal !== undefined) return refusal;
  const rowBytes = rowElements({ shape }) * data.metadata.size;
  const chunkRows = chunks?.[0] ?? 1;
  const aligned = chunkRows * rowBytes <= MOST_CHUNK_BYTES ? chunkRows : 1;
  const perPiece = Math.max(1, Math.ceil(PIECE_BYTES / Math.max(1, rowBytes) / aligned)) * aligned;

  // eslint-disable-next-line @typescript-eslint/require-await -- the library reads synchronously
  async function* rows(from: number, to: number): AsyncGenerator<Elements> {
    for (let at = from; at < to; at += perPiece) {
      let value: unknown;
      try {
        value =
          shape!.length === 0
            ? data.value
            : type === 'float16'
              ? decodeNumbers(type, readBytes(library, data, at, Math.min(to, at + perPiece)))
              : data.slice([[at, Math.min(to, at + perPiece)], ...shape!.slice(1).map((): [] => [])]);
      } catch (cause) {
        throw broken(path, `its “${name}” is damaged, or stored in another file`, cause);
      }
      if (Array.isArray(value)) yield value.map(String);
      else if (ArrayBuffer.isView(value)) yield value as unknown as Numbers;
      else throw broken(path, `its “${name}” could not be read`);
    }
  }

  // Numbers of a file of their own are found missing only when they are read.
  if (!chunks && type !== 'text' && shape.length > 0 && !shape.includes(0) && rowBytes <= PIECE_BYTES) {
    try {
      readBytes(library, data, 0, 1);
    } catch {
      return 'it is damaged, or its numbers are in another file';
    }
  }
  return { type, shape, isReversed: 'MATLAB_class' in data.attrs, canSeek: true, rows };
}

/**
 * Opens an HDF5 file, also one that MATLAB wrote (version 7.3). Arrays in groups have the group's name before their
 * own. Slices are read on demand; links to other files are refused.
 *
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openHdf5(path: string): Promise<ArrayArchive> {
  const { default: h5wasm } = await import('h5wasm');
  const library = await h5wasm.ready;
  // Errors are thrown, not printed.
  library.activate_throwing_error_handler();
  const { FS } = library as unknown as { readonly FS: FileSystem };
  const file = openFile(path);
  const inside = mount(FS, file);
  let root: InstanceType<typeof h5wasm.File>;
  try {
    root = new h5wasm.File(inside, 'r');
    if (root.file_id <= 0n) throw new Error('the library could not open it');
  } catch (cause) {
    FS.unlink(inside);
    file.close();
    throw broken(path, 'it is not an HDF5 file, or it is damaged', cause);
  }
  const arrays = new Map<string, StoredArray>();
  const refused: SkippedFile[] = [];
  /** The groups that were visited, by their places in the file: a group may have several names, also inside itself. */
  const visited = new Map<string, string>();
  let seen = 0;

  /** Adds an array, or what a group holds; returns why it is left out. */
  function addObject(group: Group, key: string, name: string, depth: number): string | undefined {
    const object = group.get(key);
    if (object instanceof h5wasm.Dataset) {
      const array = storedArray(library, path, name, object);
      if (typeof array === 'string') return array;
      arrays.set(name, array);
      return undefined;
    }
    if (object instanceof h5wasm.Group) {
      // Such a link may lead to a group around it.
      if ((group.get_link(object.path) as string | null) !== null) {
        return 'it is a link to a group of the file, which is read there';
      }
      const address = Buffer.from(object.create_reference().ref_data).toString('hex');
      const other = visited.get(address);
      if (other !== undefined) {
        return `it is ${other === '' ? 'the whole file' : `the group “${other}”`} under another name, which is read already`;
      }
      visited.set(address, name);
      if (depth >= MOST_DEPTH) return 'it lies too deep in other groups';
      add(object, `${name}/`, depth + 1);
      return undefined;
    }
    return object && 'filename' in object ? 'it is a link to another file' : 'it is no array';
  }

  function add(group: Group, prefix: string, depth: number): void {
    for (const key of group.keys()) {
      if (++seen > MOST_OBJECTS) return;
      const name = prefix + key;
      // MATLAB keeps the parts of its own objects here.
      if (name === '#refs#' || name === '#subsystem#') continue;
      let reason: string | undefined;
      try {
        reason = addObject(group, key, name, depth);
      } catch {
        reason = 'it is damaged, or a link that leads nowhere';
      }
      if (reason !== undefined) refused.push({ file: name, reason });
    }
  }

  const close = (): void => {
    root.close();
    FS.unlink(inside);
    file.close();
  };
  try {
    visited.set(Buffer.from(root.create_reference().ref_data).toString('hex'), '');
    add(root, '', 0);
  } catch (cause) {
    close();
    throw broken(path, 'it is damaged', cause);
  }
  return { path, kind: 'HDF5 file', arrays, refused, close };
}
