/** An entry of a tar archive made by hand, with anything about it falsified. */
export interface TarMember {
  readonly name: string;
  readonly bytes?: Buffer | undefined;
  /** The type of the entry; `0` is a file. */
  readonly type?: string | undefined;
  readonly link?: string | undefined;
  /** The size that the header states, if another. */
  readonly statedSize?: number | undefined;
  readonly prefix?: string | undefined;
  readonly badSum?: boolean | undefined;
  /** The format's name and version. */
  readonly magic?: string | undefined;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function member({
  name,
  bytes = Buffer.alloc(0),
  type = '0',
  magic = 'ustar\x0000',
  ...rest
}: TarMember): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100, 'utf8');
  header.write('0000644\0', 100, 'latin1');
  header.write(`${(rest.statedSize ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.fill(' ', 148, 156);
  header.write(type, 156, 'latin1');
  header.write(rest.link ?? '', 157, 100, 'utf8');
  header.write(magic, 257, 'latin1');
  header.write(rest.prefix ?? '', 345, 155, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0) + (rest.badSum ? 1 : 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return Buffer.concat([header, padded(bytes)]);
}

/** Makes a tar archive byte by byte. */
export function makeTar(members: readonly TarMember[], { hasEnd = true } = {}): Buffer {
  return Buffer.concat([...members.map(member), Buffer.alloc(hasEnd ? 1024 : 0)]);
}

/** An entry of POSIX 2001 that describes the one after it. */
export function paxHeader(records: Readonly<Record<string, string>>): TarMember {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + 1;
    while (String(length).length + rest !== length) length = String(length).length + rest;
    return `${length} ${key}=${value}\n`;
  });
  return { name: 'PaxHeaders/x', type: 'x', bytes: Buffer.from(lines.join('')) };
}
