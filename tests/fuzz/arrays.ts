import h5wasm from 'h5wasm';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setInFolder } from '../../src/engine/arrays/array-set.ts';
import { openArrays, usingArrays } from '../../src/engine/arrays/open-arrays.ts';
import type { ArrayArchive } from '../../src/engine/arrays/archive.ts';
import type { Random } from '../../src/engine/basics/random.ts';
import { readArrayColumns } from '../../src/engine/importing/arrays/columns.ts';
import { findArrayImages } from '../../src/engine/importing/arrays/layout.ts';
import { inspectArrays } from '../../src/engine/importing/arrays/inspect.ts';
import { cifarPickle } from '../fixtures/cifar.ts';
import { matlabFile } from '../fixtures/matlab.ts';
import { norbFile } from '../fixtures/norb.ts';
import { editBytes } from './edits.ts';
import { everyOutcome } from './outcome.ts';
import type { Reader } from './reader.ts';

// Files of arrays, as an import reads them.

const COUNT = 6;
const PIXELS = Uint8Array.from({ length: COUNT * 32 * 32 * 3 }, (_, i) => (i * 7) % 256);
const LABELS = Int32Array.from({ length: COUNT }, (_, i) => i % 3);

/** A file with what HDF5 is used for: compressed chunks, groups, texts, links and attributes. */
async function makeHdf5(): Promise<Buffer> {
  const { FS } = (await h5wasm.ready) as unknown as {
    FS: { readFile(path: string): Uint8Array; unlink(path: string): void };
  };
  const file = new h5wasm.File('/valid.h5', 'w');
  const shape = [COUNT, 32, 32, 3];
  file.create_dataset({ name: 'images', data: PIXELS, shape, chunks: [2, 32, 32, 3], compression: 'gzip' });
  file.create_group('labels').create_dataset({ name: 'y', data: LABELS });
  file.create_dataset({
    name: 'kind',
    data: Array.from({ length: COUNT }, (_, i) => ['cat', 'dog'][i % 2]!),
  });
  file.create_soft_link('/labels', 'other');
  file.create_external_link('x.h5', '/y', 'elsewhere');
  file.close();
  const bytes = Buffer.from(FS.readFile('/valid.h5'));
  FS.unlink('/valid.h5');
  return bytes;
}

const HDF5 = await makeHdf5();
const IDX = Buffer.concat([
  Buffer.from([0, 0, 8, 3, 0, 0, 0, COUNT, 0, 0, 0, 32, 0, 0, 0, 32]),
  PIXELS.subarray(0, COUNT * 1024),
]);
const VARIABLES = {
  images: { shape: [32, 32, 3, COUNT], data: PIXELS },
  y: { shape: [COUNT, 1], data: LABELS },
  names: { shape: [COUNT, 1], data: 'ababab' },
};
const MATLAB = matlabFile(VARIABLES);
const MATLAB_PACKED = matlabFile(VARIABLES, { isCompressed: true });
const NORB = norbFile([COUNT / 2, 2, 32, 32], PIXELS.subarray(0, COUNT * 1024));
const CIFAR = cifarPickle({ labels: [0, 1], data: PIXELS.subarray(0, 2 * 3072) });
const TENSORS = tensorsFile({ images: [COUNT, 32, 32, 3] }, PIXELS);

/** A safetensors file of one tensor of bytes. */
function tensorsFile(shapes: Readonly<Record<string, readonly number[]>>, data: Uint8Array): Buffer {
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { dtype: 'U8', shape, data_offsets: [0, data.length] },
    ]),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

async function readAll(open: () => Promise<ArrayArchive>): Promise<void> {
  await everyOutcome([
    () =>
      usingArrays(open, async (archive) => {
        const layout = findArrayImages(archive);
        await readArrayColumns(archive, layout);
        let bytes = 0;
        for await (const piece of layout.read(0, layout.images)) {
          bytes += piece.byteLength;
          // A file may state as many images as it likes where it stores none.
          if (bytes > 2 ** 26) break;
        }
      }),
    () => usingArrays(open, (archive) => inspectArrays(archive, { crop: 'auto', imageSize: 64, seed: 1 })),
  ]);
}

/** A reader of one file. */
function reader(
  name: string,
  file: string,
  weight: number,
  originals: readonly Buffer[],
  make = (random: Random, original: Buffer): Buffer => editBytes(random, original),
): Reader {
  return {
    name,
    weight,
    mostMegabytes: 900,
    mostCpuSeconds: 15,
    valid: () => originals[0]!,
    make: (random) => make(random, originals[random.integer(originals.length)]!),
    read: async (input, folder) => {
      const path = join(folder, file);
      await writeFile(path, input);
      await readAll(async () => {
        const set = await setInFolder(folder, () => false);
        return set && file === 'test_batch' ? set.open() : openArrays(path);
      });
    },
  };
}

export const ARRAY_READERS: readonly Reader[] = [
  reader('HDF5', 'x.h5', 6, [HDF5]),
  reader('idx', 'x-images-idx3-ubyte', 3, [IDX], (random, original) => {
    const edited = editBytes(random, original);
    return random.uniform() < 0.3 ? editBytes(random, gzipSync(edited)) : edited;
  }),
  reader('MATLAB', 'x.mat', 6, [MATLAB, MATLAB_PACKED]),
  reader('smallNORB', 'x-dat.mat', 3, [NORB, gzipSync(NORB)]),
  reader('CIFAR', 'test_batch', 3, [CIFAR]),
  reader('safetensors images', 'x.safetensors', 3, [TENSORS]),
];
