import type { Dataset, Group } from 'h5wasm';
import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { Numbers, NumberType } from '../files/numbers.ts';
import { PIECE_BYTES, rowElements, type ArrayArchive, type Elements, type StoredArray } from './archive.ts';
import { openFile, type OpenFile } from './open-file.ts';

/** HDF5's numbers of the classes of types. */
const CLASSES = { integer: 0, float: 1, text: 3, enumeration: 8 } as const;
const MOST_DEPTH = 8;
const MOST_OBJECTS = 4096;
/** Compressed chunks up to this size are read whole, so that none is decompressed twice. */
const MOST_CHUNK_BYTES = 64 * 2 ** 20;

/** The parts of Emscripten's file system that are used. */
interface FileSystem {
  writeFile(path: string, bytes: Uint8Array): void;
  unlink(path: string): void;
  lookupPath(path: string): { readonly node: Node };
}
interface Node {
  stream_ops: Record<string, unknown>;
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
  if (type === CLASSES.float && (bits === 32 || bits === 64)) return `float${bits}`;
  return {
    reason:
      type === CLASSES.float
        ? `numbers of type float${bits} are not supported`
        : 'its elements are no numbers and no texts',
  };
}

function storedArray(path: string, name: string, data: Dataset): StoredArray | string {
  const { shape, chunks } = data.metadata;
  const type = typeOf(data);
  if (typeof type === 'object') return type.reason;
  if (!shape) return 'it is empty';
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
            : data.slice([[at, Math.min(to, at + perPiece)], ...shape!.slice(1).map((): [] => [])]);
      } catch (cause) {
        throw broken(path, `its “${name}” is damaged, or stored in another file`, cause);
      }
      if (Array.isArray(value)) yield value.map(String);
      else if (ArrayBuffer.isView(value)) yield value as unknown as Numbers;
      else throw broken(path, `its “${name}” could not be read`);
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
  let seen = 0;

  function add(group: Group, prefix: string, depth: number): void {
    for (const key of group.keys()) {
      if (++seen > MOST_OBJECTS) return;
      const name = prefix + key;
      // MATLAB keeps the parts of its own objects here.
      if (name === '#refs#' || name === '#subsystem#') continue;
      const object = group.get(key);
      if (object instanceof h5wasm.Dataset) {
        const array = storedArray(path, name, object);
        if (typeof array === 'string') refused.push({ file: name, reason: array });
        else arrays.set(name, array);
      } else if (object instanceof h5wasm.Group) {
        if (depth < MOST_DEPTH) add(object, `${name}/`, depth + 1);
        else refused.push({ file: name, reason: 'it lies too deep in other groups' });
      } else if (object && 'filename' in object) {
        refused.push({ file: name, reason: 'it is a link to another file' });
      } else {
        refused.push({ file: name, reason: 'it is no array' });
      }
    }
  }

  const close = (): void => {
    root.close();
    FS.unlink(inside);
    file.close();
  };
  try {
    add(root, '', 0);
  } catch (cause) {
    close();
    throw broken(path, 'it is damaged', cause);
  }
  return { path, kind: 'HDF5 file', arrays, refused, close };
}
