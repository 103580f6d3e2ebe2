import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { openFolder } from '../../src/engine/importing/folder-source.ts';
import { importDataset } from '../../src/engine/importing/import.ts';
import { withArrays } from '../../src/engine/arrays/open-arrays.ts';
import { readArrayColumns } from '../../src/engine/importing/arrays/columns.ts';
import { inspectArrays } from '../../src/engine/importing/arrays/inspect.ts';
import { findArrayImages } from '../../src/engine/importing/arrays/layout.ts';
import { joinTables } from '../../src/engine/labels/join-tables.ts';
import { ImageIndex } from '../../src/engine/labels/image-index.ts';
import type { LabelFile } from '../../src/engine/labels/label-file.ts';
import { matchTable } from '../../src/engine/labels/match-table.ts';
import { readTable } from '../../src/engine/labels/read-table.ts';
import { openItemReader } from '../../src/engine/importing/read-item.ts';
import type { ImageSource } from '../../src/engine/importing/source.ts';
import { openTar } from '../../src/engine/importing/tar-source.ts';
import { openZip } from '../../src/engine/importing/zip-source.ts';
import { readCodes } from '../../src/engine/codes/code-files.ts';
import { readImagesTensor } from '../../src/engine/pictures/images.ts';
import { encodeNpy, readNpy } from '../../src/engine/files/npy.ts';
import { describeSafetensors, readSafetensors } from '../../src/engine/files/safetensors.ts';
import { readCodeTable } from '../../src/engine/evaluation/read-table.ts';
import { readStoredCodes } from '../../src/engine/codes/codes-file.ts';
import { openWorkspace } from '../../src/engine/basics/workspace.ts';
import type { Random } from '../../src/engine/basics/random.ts';
import { handmadePng } from '../engine/image-files/pictures.ts';
import { makeTar, paxHeader } from '../engine/files/make-tar.ts';
import { makeZip, zip64Offset } from '../engine/files/make-zip.ts';
import { editBytes, editLines, editParts, pick, tellingNumber } from './edits.ts';
import { editJson } from './json.ts';
import { everyOutcome } from './outcome.ts';
import type { Reader } from './reader.ts';

// Archives, arrays and tables, made here.

const picture = handmadePng(20, 20, 8, [99]);
const labels = `file,age,who\n${Array.from({ length: 30 }, (_, i) => `${i}.png,${i / 2},p${i % 3}`).join('\n')}\n`;
const celeba = `30\nBald Smiling\n${Array.from({ length: 30 }, (_, i) => `${i}.png ${i % 2 ? 1 : -1} 1`).join('\n')}\n`;
const codes = `name,mu_0,mu_1\n${Array.from({ length: 20 }, (_, i) => `${i}.png,${i / 7},-0.5`).join('\n')}\n`;

function npy(shape: number[], data: Uint8Array | Float32Array | Int32Array | Float64Array): Buffer {
  return Buffer.concat(encodeNpy({ shape, data }));
}

const arrays = {
  imgs: npy([6, 12, 10], new Uint8Array(720).fill(1)),
  latents_values: npy(
    [6, 6],
    Float64Array.from({ length: 36 }, (_, i) => i),
  ),
  labels: npy([6], Int32Array.of(0, 1, 2, 0, 1, 2)),
};

const zipEntries = [
  { name: 'smiling/1.png', bytes: picture, deflate: true },
  { name: 'neutral/2.png', bytes: picture },
  { name: 'labels.csv', bytes: Buffer.from(labels), deflate: true },
  { name: 'list_attr_celeba.txt', bytes: Buffer.from(celeba), deflate: true },
];

/** An archive with what it holds edited, what its directory says of it, or the records of its file. */
function makeArchive(
  random: Random,
  entries: readonly { name: string; bytes: Buffer; deflate?: boolean }[],
): Buffer {
  const kind = random.uniform();
  if (kind < 0.3) return editBytes(random, makeZip(entries));
  if (kind < 0.5) {
    // Records begin with PK; moving them makes offsets wrong.
    const file = makeZip(entries);
    const starts = [...file.toString('latin1').matchAll(/PK/g)].map(({ index }) => index);
    const records = starts.map((start, i) => file.subarray(start, starts[i + 1] ?? file.length));
    return Buffer.concat(editParts(random, records));
  }
  const odd = [
    '../x.png',
    '/x.png',
    'a\\b.png',
    'a\0.png',
    '__proto__',
    'C:/x.png',
    `${'d/'.repeat(3000)}x.png`,
    'x.npy',
  ];
  return makeZip(
    entries.map((entry) => {
      if (random.uniform() < 0.6) return entry;
      const bytes = random.uniform() < 0.5 ? editBytes(random, entry.bytes) : entry.bytes;
      return {
        ...entry,
        bytes,
        ...(random.uniform() < 0.2 ? { name: pick(random, odd) } : {}),
        ...(random.uniform() < 0.2 ? { statedSize: tellingNumber(random) % 2 ** 32 } : {}),
        ...(random.uniform() < 0.1 ? { statedCrc: random.integer(2 ** 32) } : {}),
        ...(random.uniform() < 0.1 ? { method: random.integer(100) } : {}),
        ...(random.uniform() < 0.1 ? { flags: random.integer(65_536) } : {}),
        ...(random.uniform() < 0.1 ? { mode: 0o120777 } : {}),
        ...(random.uniform() < 0.1
          ? { statedOffset: 0xffffffff, extra: zip64Offset(2n ** BigInt(random.integer(64))) }
          : {}),
      };
    }),
  );
}

/** An array whose header says something else than its numbers. */
function makeNpy(random: Random, original: Buffer): Buffer {
  if (random.uniform() < 0.4) return editBytes(random, original);
  const length = original.readUInt16LE(8);
  const header = original.toString('latin1', 10, 10 + length).trimEnd();
  const shapes = [
    '()',
    '(0,)',
    '(-1, 2)',
    '(1e9,)',
    '(6,)',
    '(6, 12, 10)',
    '(4294967296, 4294967296)',
    '(6, 4096, 4096)',
    '(,)',
    '((1,),)',
  ];
  const types = [
    '<f4',
    '<f8',
    '<f2',
    '|u1',
    '|b1',
    '<i8',
    '<u8',
    '>f4',
    '|O',
    '<U7',
    '|S3',
    '<c16',
    '<f0',
    '<f999999999',
  ];
  const edited = header
    .replace(/'descr': '[^']*'/, (all) =>
      random.uniform() < 0.5 ? `'descr': '${pick(random, types)}'` : all,
    )
    .replace(/'shape': \([^)]*\)/, (all) =>
      random.uniform() < 0.6 ? `'shape': ${pick(random, shapes)}` : all,
    );
  const padded = Buffer.from(`${edited.padEnd(length - 1)}\n`, 'latin1');
  const start = Buffer.from(original.subarray(0, 10));
  start.writeUInt16LE(random.uniform() < 0.1 ? random.integer(65_536) : padded.length, 8);
  if (random.uniform() < 0.1) start[6] = random.integer(4);
  return Buffer.concat([start, padded, original.subarray(10 + length)]);
}

interface TensorHeader {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** A safetensors file of a header and the tensors' bytes. */
export function safetensors(header: string, body: Buffer, stated?: number): Buffer {
  const text = Buffer.from(header);
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(stated ?? text.length));
  return Buffer.concat([prefix, text, body]);
}

/** A safetensors file: a header that is edited, or the file. */
export function makeSafetensors(
  random: Random,
  header: Readonly<Record<string, TensorHeader | Record<string, string>>>,
  body: Buffer,
): Buffer {
  const text = random.uniform() < 0.8 ? editJson(random, header) : JSON.stringify(header);
  const file = safetensors(text, body, random.uniform() < 0.1 ? tellingNumber(random) : undefined);
  return random.uniform() < 0.3 ? editBytes(random, file) : file;
}

const tensorHeader = {
  __metadata__: { names: '["a","b"]', factor_names: 'x, y', format: 'unravel-codes-1', step: '3' },
  images: { dtype: 'U8', shape: [1, 4, 4, 3], data_offsets: [0, 48] as [number, number] },
  z: { dtype: 'F32', shape: [2, 3], data_offsets: [48, 72] as [number, number] },
  mu: { dtype: 'F16', shape: [2, 3], data_offsets: [72, 84] as [number, number] },
  kl: { dtype: 'F64', shape: [3], data_offsets: [84, 108] as [number, number] },
  codes: { dtype: 'F32', shape: [2, 3], data_offsets: [108, 132] as [number, number] },
  factors: { dtype: 'I32', shape: [2, 2], data_offsets: [132, 148] as [number, number] },
};

/** Tensors whose numbers are all small. */
const tensorBody = Buffer.alloc(148, 0);

async function inFile(input: Buffer, folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, input);
  return path;
}

const tarMembers = [
  { name: './a/', type: '5' },
  ...zipEntries.map(({ name, bytes }) => ({ name, bytes })),
  { name: 'long', type: 'L', bytes: Buffer.from(`${'d/'.repeat(80)}x.png`) },
  { name: 'x.png', bytes: Buffer.alloc(700, 'x') },
  paxHeader({ path: 'ü.csv', size: '12' }),
  { name: 'u.csv', bytes: Buffer.from('file,x\na,1\n\n') },
  { name: 'link.png', type: '1', link: 'x.png' },
  { name: 'away.png', type: '2', link: '/etc/passwd' },
];

/** An archive with parts in another order, or headers that state something else; most have the right checksums. */
function makeEditedTar(random: Random): Buffer {
  if (random.uniform() < 0.3) return editBytes(random, makeTar(tarMembers));
  const members = tarMembers.map((member) => ({
    ...member,
    ...(random.uniform() < 0.1 ? { statedSize: Math.abs(tellingNumber(random)) % 8 ** 11 } : {}),
    ...(random.uniform() < 0.1
      ? { type: pick(random, ['0', '1', '2', '5', 'S', 'L', 'K', 'x', 'g', 'V']) }
      : {}),
    ...(random.uniform() < 0.1
      ? { name: pick(random, ['../x.png', '/x.png', '.', 'a\\..\\..\\x.png', '']) }
      : {}),
  }));
  return makeTar(
    members.filter(() => random.uniform() < 0.9),
    { hasEnd: random.uniform() < 0.8 },
  );
}

async function readArchive(opened: Promise<ImageSource>): Promise<void> {
  const source = await opened;
  for (const name of source.names) {
    if (name.startsWith('/') || name.split('/').includes('..'))
      throw new Error(`the name ${name} leaves the archive`);
  }
  const reader = openItemReader(source.origin);
  try {
    await everyOutcome([
      ...source.names.map((_, i) => () => {
        const item = source.item(i);
        if (typeof item === 'string' || item instanceof Uint8Array) throw new Error('an entry is a file');
        reader.read(item);
      }),
      ...source.labelFiles.map((file) => async () => {
        await joinFile(file, source.names);
      }),
    ]);
  } finally {
    reader.close();
    source.close?.();
  }
}

/** Readers of archives, arrays and tables. */
export const TABLE_READERS: readonly Reader[] = [
  {
    name: 'zip',
    weight: 8,
    mostMegabytes: 600,
    mostCpuSeconds: 10,
    valid: () => makeZip(zipEntries),
    make: (random) => makeArchive(random, zipEntries),
    read: async (input, folder) => readArchive(openZip(await inFile(input, folder, 'x.zip'))),
  },
  {
    name: 'tar',
    weight: 4,
    mostMegabytes: 600,
    mostCpuSeconds: 10,
    valid: () => makeTar(tarMembers),
    make: makeEditedTar,
    read: async (input, folder) => readArchive(openTar(await inFile(input, folder, 'x.tar'))),
  },
  {
    name: 'tar.gz',
    weight: 4,
    mostMegabytes: 600,
    mostCpuSeconds: 10,
    valid: () => gzipSync(makeTar(tarMembers)),
    make: (random) =>
      random.uniform() < 0.5
        ? editBytes(random, gzipSync(makeTar(tarMembers)))
        : gzipSync(makeEditedTar(random)),
    read: async (input, folder) => readArchive(openTar(await inFile(input, folder, 'x.tar.gz'))),
  },
  {
    name: 'import',
    weight: 1,
    mostMegabytes: 1500,
    mostCpuSeconds: 10,
    valid: () => makeZip(zipEntries),
    make: (random) => makeArchive(random, zipEntries),
    read: async (input, folder) => {
      const path = await inFile(input, folder, 'x.zip');
      await importDataset(openWorkspace(join(folder, 'workspace')), path, { crop: 'auto', workers: 1 });
    },
  },
  {
    name: 'folder',
    weight: 2,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from('ame'),
    make: (random) => editBytes(random, picture),
    read: async (input, folder) => {
      // The bytes are a name: any but the two that end one.
      const name = Buffer.from(
        input.subarray(0, 60).map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte)),
      );
      await writeFile(Buffer.concat([Buffer.from(`${folder}/n`), name, Buffer.from('.png')]), picture);
      const source = await openFolder(folder);
      if (source.names.length !== 1) throw new Error('the file was not found');
    },
  },
  {
    name: 'npy',
    weight: 5,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => arrays.latents_values,
    make: (random) =>
      makeNpy(random, random.uniform() < 0.5 ? arrays.latents_values : npy([2, 3], new Float32Array(6))),
    read: async (input, folder) => {
      const path = await inFile(input, folder, 'x.npy');
      await everyOutcome([() => readNpy(path), () => readCodes(path)]);
    },
  },
  {
    name: 'npz',
    weight: 6,
    mostMegabytes: 600,
    mostCpuSeconds: 10,
    valid: () => makeZip(Object.entries(arrays).map(([name, bytes]) => ({ name: `${name}.npy`, bytes }))),
    make: (random) => {
      const entries = Object.entries(arrays).map(([name, bytes]) => ({
        name: `${name}.npy`,
        bytes: random.uniform() < 0.5 ? makeNpy(random, bytes) : bytes,
        deflate: random.uniform() < 0.5,
      }));
      return random.uniform() < 0.5 ? makeZip(entries) : makeArchive(random, entries);
    },
    read: async (input, folder) => {
      const path = await inFile(input, folder, 'x.npz');
      await everyOutcome([
        () =>
          withArrays(path, async (archive) => {
            const layout = findArrayImages(archive);
            await readArrayColumns(archive, layout);
            let bytes = 0;
            for await (const piece of layout.read(0, layout.images)) bytes += piece.byteLength;
            if (bytes > 2 ** 30) throw new Error('more was unpacked than there is');
          }),
        () => withArrays(path, (archive) => inspectArrays(archive, { crop: 'auto', imageSize: 64, seed: 1 })),
      ]);
    },
  },
  {
    name: 'safetensors',
    weight: 8,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => safetensors(JSON.stringify(tensorHeader), tensorBody),
    make: (random) => makeSafetensors(random, tensorHeader, tensorBody),
    read: async (input, folder) => {
      const path = await inFile(input, folder, 'x.safetensors');
      await everyOutcome([
        () => readSafetensors(path),
        () => describeSafetensors(path),
        () => readImagesTensor(path),
        () => readCodes(path),
        () => readCodeTable(path),
        () => readStoredCodes(path, 2, { logVar: true }),
      ]);
    },
  },
  {
    name: 'csv',
    weight: 7,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(labels),
    make: (random) => Buffer.from(editLines(random, labels)),
    read: (input) => readLabels(input, 'labels.csv'),
  },
  {
    name: 'celeba',
    weight: 4,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(celeba),
    make: (random) => Buffer.from(editLines(random, celeba)),
    read: (input) => readLabels(input, 'list_attr_celeba.txt'),
  },
  {
    name: 'codes-csv',
    weight: 4,
    mostMegabytes: 300,
    mostCpuSeconds: 10,
    valid: () => Buffer.from(codes),
    make: (random) => Buffer.from(editLines(random, codes)),
    read: async (input, folder) => {
      await readCodes(await inFile(input, folder, 'x.csv'));
    },
  },
];

async function joinFile(file: LabelFile, names: readonly string[]): Promise<void> {
  const table = matchTable(await readTable(file), new ImageIndex(names));
  if (!('reason' in table))
    joinTables(
      [table],
      Uint32Array.from(names, (_, i) => i),
      names,
    );
}

async function readLabels(input: Buffer, file: string): Promise<void> {
  const pieces = [input.subarray(0, input.length / 2), input.subarray(input.length / 2)];
  await joinFile(
    { file, place: 'named', open: () => Readable.from(pieces) },
    Array.from({ length: 30 }, (_, i) => `${i}.png`),
  );
}
