import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip made by hand, with anything about it falsified. */
export interface HandmadeEntry {
  readonly name: string;
  readonly bytes: Buffer;
  readonly deflate?: boolean;
  /** The size that the headers state, if another. */
  readonly statedSize?: number;
  readonly statedCrc?: number;
  readonly flags?: number;
  readonly method?: number;
  /** Where the directory says that the entry begins, if elsewhere. */
  readonly statedOffset?: number;
  /** Extra fields in the directory. */
  readonly extra?: Buffer;
  /** Unix mode, such as 0o120777 for a link. */
  readonly mode?: number;
}

/** The extra field of ZIP64 that states where an entry begins, in 64 bits; the entry's `statedOffset` is 0xffffffff. */
export function zip64Offset(offset: bigint): Buffer {
  const field = Buffer.alloc(12);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8, 2);
  field.writeBigUInt64LE(offset, 4);
  return field;
}

/** Makes a zip archive byte by byte, as zip programs would refuse to. */
export function makeZip(entries: readonly HandmadeEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, deflate = false, flags = 0x800, mode = 0o100644, ...stated } of entries) {
    const data = deflate ? deflateRawSync(bytes) : bytes;
    const method = stated.method ?? (deflate ? 8 : 0);
    const nameBytes = Buffer.from(name, 'utf8');
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(stated.statedCrc ?? crc32(bytes), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(stated.statedSize ?? bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(stated.statedOffset ?? offset, 10);
    const version = Buffer.from([20, 3]);
    const { extra = Buffer.alloc(0) } = stated;
    const described = Buffer.from(common);
    described.writeUInt16LE(extra.length, 24);
    centrals.push(
      Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), version, described, tail, nameBytes, extra]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}
