import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { UnravelError } from '../../contract/errors.ts';

const deflateAsync = promisify(deflateRaw);

/** A file of an archive. */
export interface ZipMember {
  /** With / between folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** 1 January 1980, midnight, the first date that there is: the same files give the same bytes. */
const DOS_DATE = (1 << 5) | 1;
/** PKWARE's APPNOTE 2.0: what readers must know is compression by Deflate. */
const VERSION = 20;
/** Names are UTF-8. */
const UTF8 = 1 << 11;
const DEFLATED = 8;
/** Larger archives need ZIP64, which not every reader knows. */
const MOST_BYTES = 0xffff_ffff;

/** What both headers of a file say of it, in the order that they say it in. */
function common(compressed: Uint8Array, { bytes }: ZipMember, nameLength: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(UTF8, 2);
  fields.writeUInt16LE(DEFLATED, 4);
  fields.writeUInt16LE(0, 6);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(compressed.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}

function signature(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * An archive of some files, in their order.
 *
 * @throws UnravelError `bad-input` for more than 4 GB
 */
export async function makeZip(members: readonly ZipMember[]): Promise<Uint8Array> {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const compressed = await deflateAsync(member.bytes);
    const fields = common(compressed, member, name.length);
    const local = [signature(0x04034b50), fields, name, compressed];
    // No comment, the first disk, nothing said of attributes; then where the file begins.
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    const madeBy = Buffer.from([VERSION, 0]);
    directory.push(signature(0x02014b50), madeBy, fields, rest, name);
    files.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
    if (at > MOST_BYTES) throw new UnravelError('bad-input', 'The files are too large for one archive.');
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directoryBytes, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, ...directory, signature(0x06054b50), end]);
}
