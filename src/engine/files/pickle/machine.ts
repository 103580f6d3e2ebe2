import { callGlobal, namedGlobal, newObject, persistentStorage, setState, shortName } from './globals.ts';
import { PickleRefusal, PickleTuple, type PickleDict, type PickleValue } from './values.ts';

/** Maximum number of instructions; a model's file has a few thousand. */
const MOST_INSTRUCTIONS = 1_000_000;
/** Maximum number of values that wait on the stack, and of marks. */
const MOST_STACKED = 500_000;
/** Maximum number of remembered values. */
const MOST_REMEMBERED = 500_000;
/** Maximum number of lists, dictionaries, sets and tuples. */
const MOST_CONTAINERS = 300_000;
/** Maximum size of a whole number in bytes. */
const MOST_INTEGER_BYTES = 16;
/** Python 2's byte strings that are longer are not taken for texts. */
const MOST_TEXT_BYTES = 1 << 20;
/** Maximum length of a line of text that holds a number or a name. */
const MOST_LINE_BYTES = 1000;
/**
 * Maximum work of calls, as counted by {@link costOf}: a short file could otherwise make large values of one that it
 * remembers again and again.
 */
const MOST_WORK = 128_000_000;
const HIGHEST_PROTOCOL = 5;

/** The names of the instructions that are refused, for messages. */
const REFUSED: Readonly<Record<number, string>> = {
  0x69: 'INST', // i
  0x6f: 'OBJ', // o
  0x50: 'PERSID', // P
  0x82: 'EXT1',
  0x83: 'EXT2',
  0x84: 'EXT4',
  0x92: 'NEWOBJ_EX',
  0x97: 'NEXT_BUFFER',
  0x98: 'READONLY_BUFFER',
};

/** A pickle's value, and where the pickle ends. */
export interface Unpickled {
  readonly value: PickleValue;
  readonly end: number;
}

/**
 * Reads a pickle as data. A pickle is a program for a small machine with a stack. This machine only makes plain values,
 * and it refuses every instruction, class and function that could do anything else, by its name.
 *
 * @param bytes - a buffer that contains the pickle
 * @param start - where it begins
 * @throws PickleRefusal for a pickle that is damaged, too large, or a program
 */
export function readPickle(bytes: Buffer<ArrayBuffer>, start = 0): Unpickled {
  return new Machine(bytes, start).run();
}

class Machine {
  readonly #bytes: Buffer<ArrayBuffer>;
  #at: number;
  #stack: PickleValue[] = [];
  /** The stacks below the marks. */
  readonly #below: PickleValue[][] = [];
  #stacked = 0;
  #containers = 0;
  #work = 0;
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Buffer<ArrayBuffer>, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  run(): Unpickled {
    for (let i = 0; i < MOST_INSTRUCTIONS; i++) {
      const code = this.#byte();
      if (code === 0x2e) return { value: this.#pop(), end: this.#at }; // STOP
      this.#perform(code);
    }
    throw new PickleRefusal(`it has more than ${MOST_INSTRUCTIONS.toLocaleString('en')} instructions`);
  }

  #perform(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        if (this.#byte() > HIGHEST_PROTOCOL) this.#refuse('it is of a later version of the pickle format');
        return;
      case 0x95: // FRAME
        this.#frame();
        return;
      case 0x28: // MARK
        this.#mark();
        return;
      case 0x30: // POP
        if (this.#stack.length === 0) this.#popMark();
        else this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popMark();
        return;
      case 0x32: // DUP
        this.#push(this.#top());
        return;
      default:
        if (this.#performConstant(code) || this.#performContainer(code) || this.#performName(code)) return;
        this.#refuseInstruction(code);
    }
  }

  /** Instructions that give a number, a text or bytes. */
  #performConstant(code: number): boolean {
    switch (code) {
      case 0x4e: // NONE
        this.#push(null);
        return true;
      case 0x88: // NEWTRUE
        this.#push(true);
        return true;
      case 0x89: // NEWFALSE
        this.#push(false);
        return true;
      case 0x49: // INT
        this.#push(this.#integerLine());
        return true;
      case 0x4c: // LONG
        this.#push(this.#integerLine());
        return true;
      case 0x4a: // BININT
        this.#push(this.#take(4).readInt32LE(0));
        return true;
      case 0x4b: // BININT1
        this.#push(this.#byte());
        return true;
      case 0x4d: // BININT2
        this.#push(this.#take(2).readUInt16LE(0));
        return true;
      case 0x8a: // LONG1
        this.#push(this.#longInteger(this.#byte()));
        return true;
      case 0x8b: // LONG4
        this.#push(this.#longInteger(this.#length(4)));
        return true;
      case 0x46: // FLOAT
        this.#push(this.#floatLine());
        return true;
      case 0x47: // BINFLOAT
        this.#push(this.#take(8).readDoubleBE(0));
        return true;
      case 0x56: // UNICODE
        this.#push(this.#escapedLine());
        return true;
      case 0x8c: // SHORT_BINUNICODE
        this.#push(this.#text(this.#byte()));
        return true;
      case 0x58: // BINUNICODE
        this.#push(this.#text(this.#length(4)));
        return true;
      case 0x8d: // BINUNICODE8
        this.#push(this.#text(this.#length(8)));
        return true;
      case 0x55: // SHORT_BINSTRING, of Python 2
        this.#push(this.#take(this.#byte()).toString('latin1'));
        return true;
      case 0x54: // BINSTRING, of Python 2
        this.#push(this.#byteString(this.#length(4)));
        return true;
      case 0x43: // SHORT_BINBYTES
        this.#push(this.#copy(this.#byte()));
        return true;
      case 0x42: // BINBYTES
        this.#push(this.#copy(this.#length(4)));
        return true;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#push(this.#copy(this.#length(8)));
        return true;
      default:
        return false;
    }
  }

  /** Instructions that make and fill lists, tuples, dictionaries and sets. */
  #performContainer(code: number): boolean {
    switch (code) {
      case 0x5d: // EMPTY_LIST
        this.#pushContainer([]);
        return true;
      case 0x6c: // LIST
        this.#pushContainer(this.#popMark());
        return true;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        return true;
      case 0x65: // APPENDS
        this.#append(this.#popMark());
        return true;
      case 0x29: // EMPTY_TUPLE
        this.#pushContainer(new PickleTuple([]));
        return true;
      case 0x74: // TUPLE
        this.#pushContainer(new PickleTuple(this.#popMark()));
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.#pushContainer(new PickleTuple(this.#popSome(code - 0x84)));
        return true;
      case 0x7d: // EMPTY_DICT
        this.#pushContainer(new Map());
        return true;
      case 0x64: // DICT
        this.#dictOfMark();
        return true;
      case 0x73: // SETITEM
        this.#setItems(this.#popSome(2));
        return true;
      case 0x75: // SETITEMS
        this.#setItems(this.#popMark());
        return true;
      case 0x8f: // EMPTY_SET
        this.#pushContainer(new Set());
        return true;
      case 0x90: // ADDITEMS
        this.#addItems(this.#popMark());
        return true;
      case 0x91: // FROZENSET
        this.#pushContainer(new Set(this.#popMark()));
        return true;
      default:
        return false;
    }
  }

  /** Instructions that remember values, name classes, and make objects of them. */
  #performName(code: number): boolean {
    switch (code) {
      case 0x70: // PUT
        this.#remember(this.#indexLine());
        return true;
      case 0x71: // BINPUT
        this.#remember(this.#byte());
        return true;
      case 0x72: // LONG_BINPUT
        this.#remember(this.#take(4).readUInt32LE(0));
        return true;
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size);
        return true;
      case 0x67: // GET
        this.#recall(this.#indexLine());
        return true;
      case 0x68: // BINGET
        this.#recall(this.#byte());
        return true;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#take(4).readUInt32LE(0));
        return true;
      case 0x63: // GLOBAL
        this.#push(namedGlobal(`${this.#line()}.${this.#line()}`));
        return true;
      case 0x93: // STACK_GLOBAL
        this.#stackGlobal();
        return true;
      case 0x52: {
        // REDUCE
        const [called, args] = this.#popSome(2);
        this.#spend(args!);
        this.#pushContainer(callGlobal(called!, args!));
        return true;
      }
      case 0x81: {
        // NEWOBJ
        const [made, args] = this.#popSome(2);
        this.#pushContainer(newObject(made!, args!));
        return true;
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        this.#spend(state);
        setState(this.#top(), state);
        return true;
      }
      case 0x51: // BINPERSID
        this.#push(persistentStorage(this.#pop()));
        return true;
      default:
        return false;
    }
  }

  #refuse(why: string): never {
    throw new PickleRefusal(why);
  }

  #refuseInstruction(code: number): never {
    const name = REFUSED[code];
    if (name !== undefined) this.#refuse(`it uses the instruction ${name}, which is not needed for weights`);
    this.#refuse(
      `it contains the byte 0x${code.toString(16).padStart(2, '0')} where an instruction should be`,
    );
  }

  #byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) this.#refuse('its pickle ends early');
    this.#at += 1;
    return value;
  }

  #take(count: number): Buffer<ArrayBuffer> {
    if (count > this.#bytes.length - this.#at) this.#refuse('its pickle ends early');
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }

  /** A length of four or eight bytes, which what follows must have. */
  #length(width: 4 | 8): number {
    const field = this.#take(width);
    const count = width === 4 ? field.readUInt32LE(0) : Number(field.readBigUInt64LE(0));
    if (count > this.#bytes.length - this.#at)
      this.#refuse('its pickle ends early, or states a length that is too large');
    return count;
  }

  /** A frame announces only how many bytes can be read at once. */
  #frame(): void {
    this.#length(8);
  }

  #text(count: number): string {
    return this.#take(count).toString('utf8');
  }

  /** A byte string of Python 2: a text, or what is too long for one and holds an array's numbers. */
  #byteString(count: number): PickleValue {
    return count > MOST_TEXT_BYTES ? this.#copy(count) : this.#take(count).toString('latin1');
  }

  /** Bytes of their own, so that a small part does not keep the whole buffer in memory. */
  #copy(count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#take(count));
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#refuse('its pickle ends early');
    if (end - this.#at > MOST_LINE_BYTES) this.#refuse('it contains a name or number that is too long');
    const text = this.#text(end - this.#at);
    this.#at += 1;
    return text;
  }

  #integerLine(): PickleValue {
    const text = this.#line();
    if (text === '00') return false;
    if (text === '01') return true;
    const digits = text.replace(/L$/, '');
    if (!/^-?\d{1,60}$/.test(digits))
      this.#refuse(`it contains ${shortName(text)} where a whole number should be`);
    return smallest(BigInt(digits));
  }

  #floatLine(): number {
    const text = this.#line();
    const special: Readonly<Record<string, number>> = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN };
    if (Object.hasOwn(special, text)) return special[text]!;
    if (!/^-?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,4})?$/i.test(text)) {
      this.#refuse(`it contains ${shortName(text)} where a number should be`);
    }
    return Number(text);
  }

  #escapedLine(): string {
    return this.#line().replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  }

  #indexLine(): number {
    const text = this.#line();
    if (!/^\d{1,9}$/.test(text)) this.#refuse(`it contains ${shortName(text)} where an index should be`);
    return Number(text);
  }

  #longInteger(count: number): PickleValue {
    if (count > MOST_INTEGER_BYTES) this.#refuse(`it contains a whole number of ${count} bytes`);
    const part = this.#take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(part[i]!);
    return smallest(count > 0 ? BigInt.asIntN(8 * count, value) : 0n);
  }

  #spend(values: PickleValue): void {
    this.#work += costOf(values);
    if (this.#work > MOST_WORK) this.#refuse('it makes too many large values');
  }

  #push(value: PickleValue): void {
    this.#stacked += 1;
    if (this.#stacked > MOST_STACKED) this.#refuse('it holds too many values at once');
    this.#stack.push(value);
  }

  #pushContainer(value: PickleValue): void {
    this.#containers += 1;
    if (this.#containers > MOST_CONTAINERS) this.#refuse('it holds too many lists and dictionaries');
    this.#push(value);
  }

  #pop(): PickleValue {
    if (this.#stack.length === 0) this.#refuse('it is damaged: a value is missing');
    this.#stacked -= 1;
    return this.#stack.pop()!;
  }

  #popSome(count: number): PickleValue[] {
    if (this.#stack.length < count) this.#refuse('it is damaged: a value is missing');
    this.#stacked -= count;
    return this.#stack.splice(-count);
  }

  #top(): PickleValue {
    if (this.#stack.length === 0) this.#refuse('it is damaged: a value is missing');
    return this.#stack.at(-1)!;
  }

  #mark(): void {
    if (this.#below.length >= MOST_STACKED) this.#refuse('it holds too many values at once');
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  #popMark(): PickleValue[] {
    const below = this.#below.pop();
    if (!below) this.#refuse('it is damaged: a mark is missing');
    const items = this.#stack;
    this.#stacked -= items.length;
    this.#stack = below;
    return items;
  }

  #append(items: readonly PickleValue[]): void {
    const list = this.#top();
    if (list instanceof Set) this.#refuse('it is damaged: it appends to a set');
    if (!Array.isArray(list)) this.#refuse('it is damaged: it appends to something that is no list');
    for (const item of items) list.push(item);
  }

  #addItems(items: readonly PickleValue[]): void {
    const set = this.#top();
    if (!(set instanceof Set)) this.#refuse('it is damaged: it adds to something that is no set');
    for (const item of items) set.add(item);
  }

  #setItems(items: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map))
      this.#refuse('it is damaged: it sets an entry of something that is no dictionary');
    fill(dict, items, this.#refuse);
  }

  #dictOfMark(): void {
    const dict: PickleDict = new Map();
    fill(dict, this.#popMark(), this.#refuse);
    this.#pushContainer(dict);
  }

  #remember(index: number): void {
    if (this.#memo.size >= MOST_REMEMBERED) this.#refuse('it remembers too many values');
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#refuse('it is damaged: it refers to a value that it has not remembered');
    this.#push(value);
  }

  #stackGlobal(): void {
    const [module, name] = this.#popSome(2);
    if (typeof module !== 'string' || typeof name !== 'string') {
      this.#refuse('it names a class by something that is no text');
    }
    if (module.length + name.length > MOST_LINE_BYTES) this.#refuse('it contains a name that is too long');
    this.#push(namedGlobal(`${module}.${name}`));
  }
}

function fill(dict: PickleDict, items: readonly PickleValue[], refuse: (why: string) => never): void {
  if (items.length % 2 === 1) refuse('it is damaged: a dictionary has a key without a value');
  for (let i = 0; i < items.length; i += 2) dict.set(items[i]!, items[i + 1]!);
}

/** What it may cost to make a value of these: characters, and 32 for each entry of a list or dictionary. */
function costOf(value: PickleValue): number {
  const of = (item: PickleValue): number => {
    if (typeof item === 'string') return item.length;
    if (Array.isArray(item)) return 32 * item.length;
    return item instanceof Map ? 32 * item.size : 0;
  };
  return value instanceof PickleTuple
    ? value.items.reduce<number>((sum, item) => sum + 1 + of(item), 0)
    : of(value);
}

/** A number where that is exact. */
function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
