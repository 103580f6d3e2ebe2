import { UnravelError } from '../../contract/errors.ts';
import { openRegularFile } from '../../system/read-file.ts';
import { withoutPrefix } from './pickle/state-dict.ts';
import { withPyTorchFile } from './pickle/pytorch-file.ts';
import { describeSafetensors, readSafetensors } from './safetensors.ts';

/** A file of a model's weights, in any of the formats that are read. */
export interface WeightFile {
  readonly path: string;
  /** The shapes of the weights by name, in the order of the file, without the prefixes of wrappers. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Reads a weight as float32, last index varying fastest. */
  read(name: string): Promise<Float32Array>;
}

/** The first bytes of formats that a person may take for one of weights, and what they are. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/^\x89HDF\r\n/, 'it is an HDF5 file, as Keras writes it'],
  [/^GGUF/, 'it is a GGUF file of a language model'],
  [/^\x93NUMPY/, 'it is an array of NumPy'],
  [/^\x08[\x01-\x10]/, 'it looks like an ONNX file'],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF)/, 'it is a picture'],
];

/**
 * Opens a file of weights, whatever its name: safetensors, or what PyTorch wrote, and reads it with `work`.
 *
 * @throws UnravelError `not-found`, or `bad-input` with the reason
 */
export async function withWeightFile<T>(path: string, work: (file: WeightFile) => Promise<T>): Promise<T> {
  const start = await firstBytes(path);
  if (isSafetensors(start)) return work(await safetensors(path));
  const text = start.toString('latin1');
  if (isPyTorch(start)) {
    return withPyTorchFile(path, (file) => {
      const shapes = new Map([...file.weights].map(([name, { shape }]) => [name, shape]));
      return work({ path, shapes, read: (name) => file.read(name) });
    });
  }
  const other = OTHERS.find(([pattern]) => pattern.test(text))?.[1];
  throw new UnravelError('bad-input', `Could not open ${path}: ${other ?? 'it is no file of weights'}.`, {
    path,
    hint: 'Unravel reads weights from safetensors, and from what torch.save wrote.',
  });
}

/** Whether a file begins as one of weights. */
export async function looksLikeWeights(path: string): Promise<boolean> {
  const start = await firstBytes(path);
  return isSafetensors(start) || isPyTorch(start);
}

// A safetensors file begins with the length of its header, in eight bytes, and then JSON.
const isSafetensors = (start: Buffer): boolean =>
  start.length > 8 && start[8] === 0x7b && start.readUInt16LE(6) === 0;

// A zip, or a pickle of protocol 2 and later; earlier ones begin with an instruction.
const isPyTorch = (start: Buffer): boolean =>
  start.toString('latin1').startsWith('PK\x03\x04') || start[0] === 0x80;

async function firstBytes(path: string): Promise<Buffer> {
  const handle = await openRegularFile(path, { followLinks: true });
  try {
    const bytes = Buffer.alloc(16);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function safetensors(path: string): Promise<WeightFile> {
  const { shapes } = await describeSafetensors(path);
  const stored = withoutPrefix(new Map([...shapes].map(([name, shape]) => [name, { name, shape }])));
  return {
    path,
    shapes: new Map([...stored].map(([name, { shape }]) => [name, shape])),
    async read(name) {
      const wanted = stored.get(name)?.name;
      const { tensors } = await readSafetensors(path, (each) => each === wanted);
      const data = wanted === undefined ? undefined : tensors.get(wanted)?.data;
      if (!data) throw new Error(`There is no weight ${name}.`);
      return data instanceof Float32Array ? data : Float32Array.from(data);
    },
  };
}
