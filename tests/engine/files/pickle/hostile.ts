import {
  PickleWriter,
  torchLegacyOf,
  torchZip,
  torchZipOf,
  torchLegacy,
} from '../../../fixtures/torch-file.ts';
import { makeStoredZip } from '../../../fixtures/stored-zip.ts';

/** A file that must be refused. */
export interface Hostile {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the reason must contain, where it is known. */
  readonly says?: string;
}

/** What the programs in the pickles would make if they ran; its presence is looked for. */
const command = (trace: string): string => `touch ${trace}`;

const CALLED: readonly (readonly [string, string])[] = [
  ['os', 'system'],
  ['posix', 'system'],
  ['nt', 'system'],
  ['os', 'popen'],
  ['subprocess', 'Popen'],
  ['subprocess', 'check_output'],
  ['builtins', 'eval'],
  ['builtins', 'exec'],
  ['builtins', 'getattr'],
  ['builtins', '__import__'],
  ['builtins', 'open'],
  ['__builtin__', 'eval'],
  ['__builtin__', 'execfile'],
  ['runpy', '_run_code'],
  ['webbrowser', 'open'],
  ['socket', 'create_connection'],
  ['shutil', 'rmtree'],
  ['pickle', 'loads'],
  ['_pickle', 'loads'],
  ['torch', 'load'],
  ['torch.hub', 'load'],
  ['torch.serialization', 'load'],
  ['torch.jit', 'load'],
  ['numpy', 'load'],
  ['numpy.testing._private.utils', 'runstring'],
  ['torch._utils', '__builtins__'],
  ['torch', 'os.system'],
  ['torch.storage', '_load_from_bytes'],
  ['collections', 'OrderedDict.__class__'],
  ['argparse', 'Namespace.__init__'],
  ['pytorch_lightning.callbacks', 'os.system'],
  ['pathlib', 'Path.unlink'],
  ['asyncio.unix_events', '_UnixSubprocessTransport._start'],
  ['ctypes', 'CDLL'],
  ['importlib', 'import_module'],
  ['code', 'InteractiveInterpreter'],
  ['functools', 'partial'],
  ['operator', 'attrgetter'],
  ['types', 'CodeType'],
  ['sys', 'exit'],
];

type Attack = readonly [string, (module: string, name: string, argument: string) => Buffer];

/** The ways in which a pickle calls something. */
const CALLS: readonly Attack[] = [
  ['GLOBAL REDUCE', (m, n, a) => new PickleWriter().global(m, n).text(a).raw(0x85).ascii('R').end()],
  [
    'STACK_GLOBAL REDUCE',
    (m, n, a) => new PickleWriter().text(m).text(n).raw(0x93).text(a).raw(0x85).ascii('R').end(),
  ],
  ['INST', (m, n, a) => new PickleWriter().ascii('(').text(a).ascii(`i${m}\n${n}\n`).end()],
  ['OBJ', (m, n, a) => new PickleWriter().ascii('(').global(m, n).text(a).ascii('o').end()],
  ['NEWOBJ', (m, n, a) => new PickleWriter().global(m, n).text(a).raw(0x85, 0x81).end()],
  ['NEWOBJ_EX', (m, n, a) => new PickleWriter().global(m, n).text(a).raw(0x85).ascii('}').raw(0x92).end()],
  [
    'BUILD',
    (m, n, a) =>
      new PickleWriter()
        .global('argparse', 'Namespace')
        .ascii(')')
        .raw(0x81)
        .ascii('}')
        .text('__setstate__')
        .global(m, n)
        .ascii('s')
        .ascii('b')
        .text(a)
        .ascii('b')
        .end(),
  ],
  [
    'nested in a dictionary of weights',
    (m, n, a) =>
      new PickleWriter()
        .ascii('}(')
        .text('weight')
        .ascii('](')
        .ascii('}')
        .text('x')
        .global(m, n)
        .text(a)
        .raw(0x85)
        .ascii('R')
        .ascii('s')
        .ascii('e')
        .ascii('u')
        .end(),
  ],
];

function callsIn(trace: string): Hostile[] {
  return CALLED.flatMap(([module, name]) =>
    CALLS.flatMap(([way, make]) => {
      const pickle = make(module, name, command(trace));
      return [
        { name: `${way} of ${module}.${name}, zip`, bytes: torchZipOf(pickle) },
        { name: `${way} of ${module}.${name}, legacy`, bytes: torchLegacyOf(pickle, EMPTY_KEYS) },
        { name: `${way} of ${module}.${name}, alone`, bytes: pickle },
      ];
    }),
  );
}

const EMPTY_KEYS = new PickleWriter().ascii(']').end();
const long = (count: number, width: 4 | 8): number[] => {
  const bytes = Buffer.alloc(width);
  if (width === 4) bytes.writeUInt32LE(count);
  else bytes.writeBigUInt64LE(BigInt(count));
  return [...bytes];
};

/** Pickles that would take much memory or time. */
function bombs(): Hostile[] {
  const repeated = (start: PickleWriter, part: string, times: number): Buffer =>
    start.ascii(part.repeat(times)).end();
  const levels = (open: string, close: string, count: number): Buffer =>
    new PickleWriter().ascii(open.repeat(count)).ascii(close.repeat(count)).end();
  // A list of ten references to the list before, again and again: 10³⁰ leaves.
  const laughs = new PickleWriter().ascii('](').text('ha').ascii('e').raw(0x71, 0);
  for (let i = 0; i < 30; i++) laughs.ascii('](').ascii('h\0'.repeat(10)).ascii('e').raw(0x71, 0);
  const dictionaries = new PickleWriter().ascii('}').raw(0x71, 0);
  for (let i = 0; i < 60; i++) {
    dictionaries.ascii('}(').text('a').raw(0x68, 0).text('b').raw(0x68, 0).ascii('u').raw(0x71, 0);
  }
  const pair = new PickleWriter()
    .ascii('](')
    .ascii('(KAKBt'.repeat(50_000))
    .ascii('e')
    .raw(0x71, 0)
    .ascii('0');
  pair.global('collections', 'OrderedDict').raw(0x71, 1).ascii('0');
  const large = new PickleWriter()
    .text('x'.repeat(4_000_000))
    .raw(0x71, 0)
    .ascii('0')
    .text('latin1')
    .raw(0x71, 2)
    .ascii('0');
  large.global('_codecs', 'encode').raw(0x71, 1).ascii('0');
  const cyclic = new PickleWriter().ascii(']').raw(0x71, 0).ascii('h\0a').end();
  return [
    { name: 'lists of lists', bytes: laughs.end() },
    { name: 'dictionaries of dictionaries', bytes: dictionaries.end() },
    { name: 'a list in itself', bytes: cyclic },
    { name: 'many empty dictionaries', bytes: repeated(new PickleWriter(), '}', 3_000_000) },
    { name: 'many marks', bytes: repeated(new PickleWriter(), '(', 3_000_000) },
    { name: 'many values', bytes: repeated(new PickleWriter(), 'N', 3_000_000) },
    { name: 'many copies', bytes: repeated(new PickleWriter().ascii('}'), '2', 3_000_000) },
    { name: 'many instructions', bytes: repeated(new PickleWriter(), 'N0', 3_000_000) },
    { name: 'deep lists', bytes: levels('](', 'e', 200_000) },
    { name: 'deep tuples', bytes: levels('(', 't', 400_000) },
    { name: 'one list made into many dictionaries', bytes: repeated(pair, 'h\x01h\x00\x85R0', 50_000) },
    { name: 'one text made into many', bytes: repeated(large, 'h\x01h\x00h\x02\x86R', 50_000) },
    { name: 'many remembered values', bytes: repeated(new PickleWriter().ascii('N'), '\x94', 900_000) },
    {
      name: 'a remembered value of a far index',
      bytes: new PickleWriter().ascii('Nr').raw(255, 255, 255, 255).end(),
    },
    {
      name: 'a whole number of megabytes',
      bytes: new PickleWriter()
        .raw(0x8b, ...long(2_000_000, 4))
        .ascii('\x01'.repeat(2_000_000))
        .end(),
    },
    {
      name: 'a number of a million digits',
      bytes: new PickleWriter().ascii(`I${'9'.repeat(1_000_000)}\n`).end(),
    },
    {
      name: 'a number that is slow to recognise',
      bytes: repeated(new PickleWriter(), `F${'1'.repeat(900)}x\n0`, 3000),
    },
    { name: 'a name of a megabyte', bytes: new PickleWriter().global('a'.repeat(1_000_000), 'b').end() },
    {
      name: 'a name of a megabyte on the stack',
      bytes: new PickleWriter().text('a'.repeat(1_000_000)).text('b').raw(0x93).end(),
    },
  ];
}

/** Lengths that no file has. */
function oversized(): Hostile[] {
  const widths = { X: 4, B: 4, T: 4, '\x8d': 8, '\x8e': 8, '\x96': 8, '\x95': 8 } as const;
  return Object.entries(widths).flatMap(([code, width]) =>
    [100, 2 ** 31 - 1, 2 ** 32 - 1].map((count) => ({
      name: `instruction ${code.charCodeAt(0)} with a length of ${count}`,
      bytes: new PickleWriter()
        .ascii(code)
        .raw(...long(count, width))
        .end(),
      says: 'ends early',
    })),
  );
}

/** Instructions that are not needed for weights. */
function instructions(): Hostile[] {
  const unknown = [0x00, 0x21, 0x22, 0x24, 0x7a, 0x7f, 0x99, 0xa0, 0xc0, 0xff].map((code) => ({
    name: `unknown instruction ${code}`,
    bytes: new PickleWriter().ascii('N').raw(code).end(),
    says: 'where an instruction should be',
  }));
  const named: Hostile[] = [
    { name: 'EXT1', bytes: new PickleWriter().raw(0x82, 1).end(), says: 'EXT1' },
    { name: 'EXT2', bytes: new PickleWriter().raw(0x83, 1, 0).end(), says: 'EXT2' },
    { name: 'EXT4', bytes: new PickleWriter().raw(0x84, 1, 0, 0, 0).end(), says: 'EXT4' },
    { name: 'PERSID', bytes: new PickleWriter().ascii('Pfile\n').end(), says: 'PERSID' },
    { name: 'NEXT_BUFFER', bytes: new PickleWriter().raw(0x97).end(), says: 'NEXT_BUFFER' },
    {
      name: 'READONLY_BUFFER',
      bytes: new PickleWriter().ascii('N').raw(0x98).end(),
      says: 'READONLY_BUFFER',
    },
    { name: 'protocol 200', bytes: Buffer.of(0x80, 200, 0x2e), says: 'later version' },
  ];
  const missing = 'aetuRb0s\x85\x86\x87\x93\x81Q\x90'.split('').map((code) => ({
    name: `instruction ${code.charCodeAt(0)} on an empty stack`,
    bytes: new PickleWriter().ascii(code).end(),
  }));
  return [...unknown, ...named, ...missing];
}

/** Persistent ids and tensors that lie. */
function tensors(): Hostile[] {
  const storage = (type: readonly [string, string], key: string, count: number): PickleWriter =>
    new PickleWriter()
      .ascii('(')
      .text('storage')
      .global(...type)
      .text(key)
      .text('cpu')
      .integer(count)
      .ascii('tQ');
  const view = (
    shape: readonly number[],
    strides: readonly number[],
    offset: number,
    count: number,
  ): Buffer => {
    const writer = new PickleWriter()
      .ascii('}')
      .text('a.weight')
      .global('torch._utils', '_rebuild_tensor_v2');
    writer
      .ascii('((')
      .text('storage')
      .global('torch', 'FloatStorage')
      .text('0')
      .text('cpu')
      .integer(count)
      .ascii('tQ');
    writer.integer(offset).integers(shape).integers(strides).raw(0x89).ascii('}tRs');
    return torchZipOf(writer.end(), [Buffer.alloc(16)]);
  };
  return [
    {
      name: 'a persistent id that is a text',
      bytes: new PickleWriter().text('../../etc/passwd').ascii('Q').end(),
    },
    {
      name: 'a persistent id of a module',
      bytes: new PickleWriter().ascii('(').text('module').text('os').ascii('tQ').end(),
    },
    {
      name: 'a storage of objects',
      bytes: storage(['torch', 'QInt8Storage'], '0', 1).end(),
      says: 'QInt8Storage',
    },
    {
      name: 'a storage of a program',
      bytes: storage(['os', 'FloatStorage'], '0', 1).end(),
      says: 'os.FloatStorage',
    },
    { name: 'a storage of negative length', bytes: storage(['torch', 'FloatStorage'], '0', -5).end() },
    {
      name: 'a storage outside the archive',
      bytes: torchZipOf(
        new PickleWriter().ascii('}').text('a.weight').tensor('../../x', [2]).ascii('s').end(),
      ),
    },
    { name: 'a view beyond its storage', bytes: view([100], [1], 0, 4), says: 'outside its storage' },
    {
      name: 'a view with a far stride',
      bytes: view([2, 2], [2_000_000_000, 1], 0, 4),
      says: 'outside its storage',
    },
    { name: 'a view with a negative stride', bytes: view([2], [-1], 0, 4) },
    { name: 'a view at a negative position', bytes: view([2], [1], -1, 4) },
    { name: 'a view of 2⁵⁰ numbers of one', bytes: view([1 << 25, 1 << 25], [0, 0], 0, 4) },
    {
      name: 'a view of a thousand axes',
      bytes: view(new Array<number>(1000).fill(1), new Array<number>(1000).fill(0), 0, 4),
    },
    { name: 'shape and strides that differ', bytes: view([2, 2], [1], 0, 4) },
    { name: 'a storage larger than its entry', bytes: view([1000], [1], 0, 1000) },
  ];
}

/** Zips that unpack to more than they are, or name things twice. */
function zips(): Hostile[] {
  const fine = new PickleWriter().ascii('}').text('a.weight').tensor('0', [4]).ascii('s').end();
  const bomb = Buffer.alloc(60_000_000);
  const member = (name: string, bytes: Buffer) => ({ name, bytes });
  return [
    {
      name: 'a zip bomb as pickle',
      bytes: makeStoredZip([{ ...member('a/data.pkl', bomb), isDeflated: true }]),
      says: 'too large',
    },
    {
      name: 'a zip bomb as storage',
      bytes: makeStoredZip([member('a/data.pkl', fine), { ...member('a/data/0', bomb), isDeflated: true }]),
    },
    {
      name: 'a zip that states a huge size',
      bytes: makeStoredZip([{ ...member('a/data.pkl', fine), statedSize: 4_000_000_000 }]),
    },
    {
      name: 'a zip bomb with a small stated size',
      bytes: makeStoredZip([{ ...member('a/data.pkl', bomb), isDeflated: true, statedSize: 100 }]),
      says: 'compressed',
    },
    {
      name: 'two pickles in a zip',
      bytes: makeStoredZip([member('a/data.pkl', fine), member('b/data.pkl', fine)]),
      says: 'more than one',
    },
    {
      name: 'a zip without a pickle',
      bytes: makeStoredZip([member('a/model.py', fine)]),
      says: 'no data.pkl',
    },
    { name: 'a pickle outside the zip', bytes: makeStoredZip([member('../data.pkl', fine)]) },
    { name: 'a zip of nothing', bytes: makeStoredZip([]) },
    { name: 'a storage that is missing', bytes: makeStoredZip([member('a/data.pkl', fine)]) },
    {
      name: 'a zip of very many entries',
      bytes: makeStoredZip(Array.from({ length: 60_000 }, (_, i) => member(`a/${i}`, Buffer.alloc(0)))),
    },
  ];
}

/** A whole model cut at every few bytes, and with bytes changed. */
function damaged(): Hostile[] {
  const weights = new Map([['a.weight', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]);
  return Object.entries({ zip: torchZip(weights), legacy: torchLegacy(weights) }).flatMap(
    ([format, whole]) => {
      const cuts: Hostile[] = [];
      for (let at = 0; at < whole.length; at += 3)
        cuts.push({ name: `${format} cut at ${at}`, bytes: whole.subarray(0, at) });
      return cuts;
    },
  );
}

/** @param trace - the path that the programs in the pickles would make a file at */
export function hostileFiles(trace: string): Hostile[] {
  return [
    ...callsIn(trace),
    ...bombs().flatMap(({ name, bytes }) => [
      { name: `${name}, zip`, bytes: torchZipOf(bytes) },
      { name: `${name}, legacy`, bytes: torchLegacyOf(bytes, EMPTY_KEYS) },
    ]),
    ...oversized().map((each) => ({ ...each, bytes: torchZipOf(each.bytes) })),
    ...instructions().map((each) => ({ ...each, bytes: torchZipOf(each.bytes) })),
    ...tensors().map((each) => (each.bytes[0] === 0x80 ? { ...each, bytes: torchZipOf(each.bytes) } : each)),
    ...zips(),
    ...damaged(),
  ];
}
