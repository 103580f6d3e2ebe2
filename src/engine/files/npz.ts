import { UnravelError } from '../../contract/errors.ts';
import { decodeNpy, npyHeaderBytes, parseNpyHeader, type NpyHeader } from './npy.ts';
import type { HostTensor } from './safetensors.ts';
import { listZip } from './zip.ts';
import { openZipReader, streamZipEntry, type ZipEntry, type ZipReader } from './zip-reader.ts';

/** An array of an `.npz` archive, which is decompressed on demand. */
export interface NpzArray {
  readonly header: NpyHeader;
  /** Reads all numbers, for arrays that fit in memory. */
  read(): HostTensor<Float32Array | Float64Array | Uint8Array | Int32Array>;
  /**
   * Reads the array in pieces, for arrays that do not fit in memory. The size of each piece is a multiple of
   * `rowBytes`, so that it contains whole images.
   */
  rows(rowBytes: number): AsyncGenerator<Buffer>;
}

/** Reads a whole entry, and turns the reason for a failure into a message. */
function readEntry(reader: ZipReader, entry: ZipEntry, called: string): Buffer {
  try {
    return reader.read(entry);
  } catch (cause) {
    if (!(cause instanceof UnravelError)) throw cause;
    throw new UnravelError(cause.code, `Could not read ${called}: ${cause.message}.`, {
      path: called,
      cause,
      hint: 'Save it again with numpy.savez.',
    });
  }
}

/** Reads the beginning of an entry, at least its NumPy header. */
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
  let pieces: Buffer[] = [];
  let piecesBytes = 0;
  for await (const chunk of streamZipEntry(path, entry)) {
    const from = Math.min(skip, chunk.length);
    skip -= from;
    pieces.push(chunk.subarray(from));
    piecesBytes += chunk.length - from;
    // The pieces are joined only when a row is complete, because one row may consist of hundreds of pieces.
    if (piecesBytes < rowBytes) continue;
    const bytes = Buffer.concat(pieces, piecesBytes);
    const whole = piecesBytes - (piecesBytes % rowBytes);
    yield bytes.subarray(0, whole);
    pieces = [bytes.subarray(whole)];
    piecesBytes -= whole;
  }
}

/**
 * Opens NumPy's `.npz`: a zip of `.npy` arrays. Arrays of text are left out. So are arrays of Python objects: they
 * would have to be unpickled, and a pickle can run any program.
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
    if (/'descr'\s*:\s*'[|<>]?[OSU]/.test(start.toString('latin1', 0, 256))) continue;
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
          const bytes = readEntry(reader, entry, called);
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
