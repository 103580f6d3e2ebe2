import type { FileHandle } from 'node:fs/promises';
import { UnravelError } from '../../../contract/errors.ts';
import { openRegularFile } from '../../../system/read-file.ts';
import { decodeNumbers, NUMBER_BYTES, plainNumbers } from '../numbers.ts';
import { listZip } from '../zip.ts';
import { openZipReader, STORED, type ZipEntry, type ZipReader } from '../zip-reader.ts';
import { readPickle, type Unpickled } from './machine.ts';
import { findStateDict, type StateDict } from './state-dict.ts';
import { PickleRefusal, PickleStorage, PickleTensor, type PickleValue } from './values.ts';

/** The first number of a file that PyTorch wrote before version 1.6. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
const LEGACY_PROTOCOL = 1001;
/** Maximum size of the part that is not numbers. A model's has a few kilobytes, a language model's a few megabytes. */
const MOST_PICKLE_BYTES = 32_000_000;
/** Maximum size of the numbers that are read of one file, so that a small file cannot make a reader read for ever. */
const MOST_READ_BYTES = 1_500_000_000;
/** Maximum number of files in PyTorch's zip: one for each storage. */
const MOST_ENTRIES = 100_000;

/** Reads the bytes of a storage, from a position to another one, both counted in bytes. */
type ReadStorage = (storage: PickleStorage, from: number, to: number) => Promise<Uint8Array<ArrayBuffer>>;

/** What a file of PyTorch holds, and how its numbers are read. */
interface Contents {
  readonly value: PickleValue;
  readonly isBigEndian: boolean;
  readonly readStorage: ReadStorage;
}

/** A file of PyTorch with a model's weights. */
export interface PyTorchFile {
  /** The weights by name, in the order of the file, without the prefixes of wrappers. */
  readonly weights: StateDict;
  /**
   * Reads a weight.
   *
   * @returns its numbers, last index varying fastest, as float32
   */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
}

const SAVE_AGAIN =
  'In PyTorch, save only its weights: torch.save(model.state_dict(), "model.pt"). They are read without running anything.';

function refusal(path: string, why: string, hint = SAVE_AGAIN): UnravelError {
  return new UnravelError('bad-input', `Could not open ${path}: ${why}.`, { path, hint });
}

/**
 * Opens a file that `torch.save` wrote, in its zip format or the one before PyTorch 1.6, reads it with `work`, and closes
 * it. Nothing in the file is executed: see {@link readPickle}.
 *
 * @throws UnravelError `not-found`, or `bad-input` with the reason
 */
export async function withPyTorchFile<T>(path: string, work: (file: PyTorchFile) => Promise<T>): Promise<T> {
  const handle = await openRegularFile(path, { followLinks: true });
  let zip: ZipReader | undefined;
  try {
    const start = await readAt(handle, 0, 4);
    const isZip = start.toString('latin1') === 'PK\x03\x04';
    if (isZip) zip = openZipReader(path);
    const contents = zip ? await openZipFormat(path, zip) : await openLegacyFormat(handle);
    return await work(pyTorchFile(path, contents));
  } catch (error) {
    if (error instanceof PickleRefusal) throw refusal(path, error.message);
    throw error;
  } finally {
    zip?.close();
    await handle.close();
  }
}

function pyTorchFile(path: string, { value, isBigEndian, readStorage }: Contents): PyTorchFile {
  const weights = findStateDict(value);
  if (weights.size === 0) throw refusal(path, 'it holds no weights with names');
  let left = MOST_READ_BYTES;
  return {
    weights,
    async read(name) {
      const tensor = weights.get(name);
      if (!tensor) throw new Error(`There is no weight ${name}.`);
      const count = tensor.shape.reduce((product, n) => product * n, 1);
      if (count === 0) return new Float32Array(0);
      const size = NUMBER_BYTES[tensor.storage.type];
      const span = 1 + tensor.shape.reduce((sum, n, i) => sum + (n - 1) * tensor.strides[i]!, 0);
      left -= span * size + count * 4;
      if (left < 0)
        throw refusal(path, 'its weights are larger than Unravel reads', 'Choose a smaller model.');
      const from = tensor.offset * size;
      try {
        const bytes = await readStorage(tensor.storage, from, from + span * size);
        return gather(plainNumbers(decodeNumbers(tensor.storage.type, bytes, isBigEndian)), tensor, count);
      } catch (error) {
        if (error instanceof PickleRefusal) throw refusal(path, `${error.message} (the weight ${name})`);
        throw error;
      }
    },
  };
}

/** The numbers of a view in the order of its indices; `numbers` begins at the view's first. */
function gather(
  numbers: ArrayLike<number>,
  { shape, strides }: PickleTensor,
  count: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(count);
  const index = new Array<number>(shape.length).fill(0);
  let position = 0;
  for (let i = 0; i < count; i++) {
    result[i] = numbers[position]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

async function readAt(handle: FileHandle, position: number, count: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(count);
  let done = 0;
  while (done < count) {
    const { bytesRead } = await handle.read(bytes, done, count - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

/** Reads an entry, which PyTorch never compresses, so that none can unpack to more than the file has. */
function readEntry(zip: ZipReader, entry: ZipEntry): Buffer<ArrayBuffer> {
  if (entry.method !== STORED) {
    throw new PickleRefusal(`${entry.name} in it is compressed, which PyTorch does not do`);
  }
  if (entry.size !== entry.compressedSize) throw new PickleRefusal(`${entry.name} in it states two sizes`);
  try {
    return zip.read(entry) as Buffer<ArrayBuffer>;
  } catch (error) {
    if (error instanceof UnravelError)
      throw new PickleRefusal(`${entry.name} in it cannot be read: ${error.message}`);
    throw error;
  }
}

async function openZipFormat(path: string, zip: ZipReader): Promise<Contents> {
  const { entries } = await listZip(path, { mostEntries: MOST_ENTRIES });
  const pickles = entries.filter(({ name }) => /^([^/]+\/)?data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (!pickle) throw new PickleRefusal('it is a zip, but not of PyTorch: there is no data.pkl in it');
  if (pickles.length > 1) throw new PickleRefusal('there is more than one data.pkl in it');
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  const byName = new Map<string, ZipEntry>(entries.map((entry) => [entry.name, entry]));
  if (pickle.size > MOST_PICKLE_BYTES) throw new PickleRefusal('its data.pkl is too large for a model');
  const { value } = readPickle(readEntry(zip, pickle));
  const order = byName.get(`${folder}byteorder`);
  let last: { readonly name: string; readonly bytes: Buffer<ArrayBuffer> } | undefined;
  return {
    value,
    isBigEndian: order !== undefined && order.size < 20 && readEntry(zip, order).toString('latin1') === 'big',
    readStorage: (storage, from, to) => {
      const entry = byName.get(`${folder}data/${storage.key}`);
      if (!entry) throw new PickleRefusal('the numbers of a storage are missing');
      if (entry.size < to) throw new PickleRefusal('a storage is smaller than it states');
      // Several tensors may be views of one storage.
      if (last?.name !== entry.name) last = { name: entry.name, bytes: readEntry(zip, entry) };
      return Promise.resolve(new Uint8Array(last.bytes.subarray(from, to)));
    },
  };
}

async function openLegacyFormat(handle: FileHandle): Promise<Contents> {
  const { size } = await handle.stat();
  const bytes = await readAt(handle, 0, Math.min(size, MOST_PICKLE_BYTES));
  const magic = readPickle(bytes);
  if (magic.value !== LEGACY_MAGIC) {
    throw new PickleRefusal('it is a pickle, but not one of the function torch.save');
  }
  const protocol = readPickle(bytes, magic.end);
  if (protocol.value !== LEGACY_PROTOCOL) throw new PickleRefusal('it is of another version of the format');
  const system = readPickle(bytes, protocol.end);
  const model = readPickle(bytes, system.end);
  const keys = readPickle(bytes, model.end);
  const places = await placeStorages(handle, size, keys, storagesIn(model.value));
  return {
    value: model.value,
    isBigEndian: system.value instanceof Map && system.value.get('little_endian') === false,
    readStorage: async (storage, from, to) => {
      const start = places.get(storage.key);
      if (start === undefined) throw new PickleRefusal('the numbers of a storage are missing');
      return readAt(handle, start + from, to - from);
    },
  };
}

/** The storages of all tensors in a value, by their keys. */
function storagesIn(value: PickleValue): Map<string, PickleStorage> {
  const storages = new Map<string, PickleStorage>();
  const seen = new Set<PickleValue>();
  const waiting: PickleValue[] = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    seen.add(item);
    if (item instanceof PickleTensor) storages.set(item.storage.key, item.storage);
    else if (item instanceof PickleStorage) storages.set(item.key, item);
    else if (item instanceof Map) for (const inner of item.values()) waiting.push(inner);
    else if (Array.isArray(item)) for (const inner of item) waiting.push(inner);
    else if ('items' in item) for (const inner of item.items) waiting.push(inner);
  }
  return storages;
}

/** Where each storage's numbers begin in the file: one after the other, each after its length. */
async function placeStorages(
  handle: FileHandle,
  size: number,
  { value: keys, end }: Unpickled,
  storages: ReadonlyMap<string, PickleStorage>,
): Promise<Map<string, number>> {
  if (!Array.isArray(keys)) throw new PickleRefusal('it is damaged: the list of its storages is missing');
  if (keys.length > MOST_ENTRIES) throw new PickleRefusal('it has too many storages');
  const places = new Map<string, number>();
  let position = end;
  for (const key of keys) {
    const storage = typeof key === 'string' || typeof key === 'number' ? storages.get(`${key}`) : undefined;
    if (!storage) throw new PickleRefusal('it is damaged: a storage belongs to no tensor');
    const field = await readAt(handle, position, 8);
    const length = field.length === 8 ? Number(field.readBigInt64LE()) : -1;
    if (length !== storage.length) throw new PickleRefusal('it is damaged: the length of a storage is wrong');
    places.set(storage.key, position + 8);
    position += 8 + length * NUMBER_BYTES[storage.type];
    if (position > size) throw new PickleRefusal('it ends early');
  }
  return places;
}
