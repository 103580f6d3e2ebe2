import { UnravelError } from '../../contract/errors.ts';
import { decodeNpy, npyHeaderBytes, parseNpyHeader, type NpyHeader } from './npy.ts';
import type { HostTensor } from './safetensors.ts';
import { listZip } from './zip.ts';
import { openZipReader, streamZipEntry, type ZipEntry } from './zip-reader.ts';

/** An array of an `.npz` archive, its numbers still packed. */
export interface NpzArray {
  readonly header: NpyHeader;
  /** All its numbers. For arrays that fit in memory. */
  read(): HostTensor<Float32Array | Float64Array | Uint8Array | Int32Array>;
  /**
   * Its bytes, cut into pieces of `rowBytes` times a whole number, so that a piece holds whole images.
   * Row by row, for arrays that do not fit in memory.
   */
  rows(rowBytes: number): AsyncGenerator<Buffer>;
}

/** Gathers at least `wanted` bytes of a stream's beginning. */
async function beginning(path: string, entry: ZipEntry): Promise<Buffer> {
  let start: Buffer = Buffer.alloc(0);
  for await (const chunk of streamZipEntry(path, entry)) {
    start = Buffer.concat([start, chunk]);
    if (start.length >= 12 && start.length >= npyHeaderBytes(start, `${path}/${entry.name}`)) break;
  }
  return start;
}

async function* rowsOf(
  path: string,
  entry: ZipEntry,
  header: NpyHeader,
  rowBytes: number,
): AsyncGenerator<Buffer> {
  let skip = header.offset;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of streamZipEntry(path, entry)) {
    const from = Math.min(skip, chunk.length);
    skip -= from;
    const bytes = rest.length ? Buffer.concat([rest, chunk.subarray(from)]) : chunk.subarray(from);
    const whole = bytes.length - (bytes.length % rowBytes);
    rest = bytes.subarray(whole);
    if (whole > 0) yield bytes.subarray(0, whole);
  }
}

/**
 * Opens NumPy's `.npz`: a zip of `.npy` arrays. Arrays of Python objects are left out, as they would have to be
 * unpickled, and pickles can run any program.
 *
 * @returns the arrays by name, without `.npy`
 * @throws UnravelError `not-found` or `bad-input`
 */
export async function openNpz(path: string): Promise<ReadonlyMap<string, NpzArray>> {
  const { entries } = await listZip(path);
  const arrays = new Map<string, NpzArray>();
  for (const entry of entries) {
    if (!entry.name.endsWith('.npy')) continue;
    const called = `${path}/${entry.name}`;
    const start = await beginning(path, entry);
    if (/'descr'\s*:\s*'\|?O/.test(start.toString('latin1', 0, 256))) continue;
    const header = parseNpyHeader(start, called);
    if (header.offset + header.bytes !== entry.size) {
      throw new UnravelError('bad-input', `Could not read ${called}: its size does not fit its shape.`, {
        path,
        hint: 'Save it again with numpy.savez.',
      });
    }
    arrays.set(entry.name.slice(0, -'.npy'.length), {
      header,
      read() {
        const reader = openZipReader(path);
        try {
          const bytes = reader.read(entry);
          return { shape: header.shape, data: decodeNpy(header, bytes.subarray(header.offset), called) };
        } finally {
          reader.close();
        }
      },
      rows: (rowBytes) => rowsOf(path, entry, header, rowBytes),
    });
  }
  return arrays;
}
