import type { Random } from '../../src/engine/basics/random.ts';
import { editBytes, pick } from './edits.ts';

// Edits of JSON: other values, other keys, deep nesting.

/** Stands in a value for text that JSON.stringify would not write. */
const MARK = '\u0001raw';

/** What to put into a value's place, as JSON text. */
function oddValue(random: Random): string {
  const deep = pick(random, [10, 1000, 20_000]);
  return pick(random, [
    'null',
    'true',
    '0',
    '-1',
    '-0',
    '0.5',
    '1e308',
    '1e999',
    '9007199254740993',
    '4294967296',
    '1e9',
    '""',
    '"NaN"',
    '"../../../etc/passwd"',
    '"__proto__"',
    '"\\u0000\\u001b[31m"',
    '"\\ud800"',
    '[]',
    '{}',
    '[[]]',
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"length":-1}',
    'NaN',
    '"' + 'x'.repeat(random.integer(100_000)) + '"',
    '[' + '1,'.repeat(random.integer(50_000)) + '1]',
    '['.repeat(deep) + ']'.repeat(deep),
    '{"a":'.repeat(deep) + '1' + '}'.repeat(deep),
  ]);
}

type Holder = Record<string, unknown>;

/** Every object and list in a value. */
function holders(value: unknown): Holder[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Holder, ...Object.values(value).flatMap(holders)];
}

/** A value's JSON text after one to three edits. */
export function editJson(random: Random, value: unknown): string {
  if (random.uniform() < 0.2) return editBytes(random, Buffer.from(JSON.stringify(value))).toString('utf8');
  const copy = structuredClone(value);
  const raw: string[] = [];
  for (let edits = 1 + random.integer(3); edits > 0; edits--) {
    const holder = pick(random, holders(copy));
    const keys = Object.keys(holder);
    const key = keys.length > 0 ? pick(random, keys) : 'a';
    const put = (name: string): void => {
      // As a key of its own, which an assignment to `__proto__` would not make.
      Object.defineProperty(holder, name, {
        value: `${MARK}${raw.push(oddValue(random)) - 1};`,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    };
    switch (random.integer(4)) {
      case 0:
        if (Array.isArray(holder)) holder.length = random.integer(holder.length + 1);
        else Reflect.deleteProperty(holder, key);
        break;
      case 1:
        if (!Array.isArray(holder)) {
          put(pick(random, ['__proto__', 'constructor', 'toString', 'length', 'then', 'x'.repeat(5000), '']));
        }
        break;
      default:
        put(key);
    }
  }
  const text = JSON.stringify(copy);
  return text.replaceAll(/"\\u0001raw(\d+);"/g, (_, index: string) => raw[Number(index)] ?? 'null');
}
