import { describe, expect, it } from 'vitest';
import * as v from 'valibot';
import { operations, type OperationName } from '../../src/contract/operations.ts';
import { tensor } from '../../src/contract/tensor.ts';

// Whatever a client sends has a bound: every string, list and number of every input, wherever it stands.

/** What valibot's schemas and the actions in their pipes have, as far as this test looks. */
interface Node {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly item?: Node;
  /** Of a record; a variant has its name here. */
  readonly key?: unknown;
  readonly value?: unknown;
  readonly items?: readonly Node[];
  readonly options?: readonly unknown[];
  readonly wrapped?: Node;
  readonly getter?: (input: unknown) => Node;
}

/** Actions of which one, or all of a list, bound a type. */
const BOUNDS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  string: [['max_length'], ['regex']],
  array: [['max_length']],
  record: [['check']],
  number: [
    ['safe_integer', 'min_value'],
    ['min_value', 'max_value'],
    ['finite', 'check'],
  ],
  custom: [['check']],
  instance: [['check']],
};
const HARMLESS = [
  'literal',
  'picklist',
  'boolean',
  'object',
  'strict_object',
  'variant',
  'union',
  'tuple',
  'optional',
  'exact_optional',
  'nullable',
  'lazy',
];

/** What a pipe does, and the pipes inside it. */
function actionsOf({ pipe = [] }: Node): string[] {
  return pipe.flatMap((step, i) => [
    step.type,
    ...(i === 0 && step.kind === 'schema' ? actionsOf(step) : []),
  ]);
}

/** Places in a schema that nothing bounds. */
function* unbounded(node: Node, place: string): Generator<string, void, undefined> {
  const bounds = BOUNDS[node.type];
  if (bounds) {
    const actions = actionsOf(node);
    if (!bounds.some((all) => all.every((action) => actions.includes(action))))
      yield `${place} (${node.type})`;
  } else if (!HARMLESS.includes(node.type)) {
    yield `${place} (${node.type}, which this test does not know)`;
  }
  for (const [key, entry] of Object.entries(node.entries ?? {})) yield* unbounded(entry, `${place}.${key}`);
  if (node.type === 'record') {
    yield* unbounded(node.key as Node, `${place}{}`);
    yield* unbounded(node.value as Node, `${place}{}`);
  }
  if (node.item) yield* unbounded(node.item, `${place}[]`);
  for (const [i, item] of (node.items ?? []).entries()) yield* unbounded(item, `${place}[${i}]`);
  if (node.getter) yield* unbounded(node.getter(undefined), place);
  if (node.wrapped) yield* unbounded(node.wrapped, place);
  if (node.type === 'picklist') return;
  for (const option of node.options ?? []) yield* unbounded(option as Node, place);
}

/** Those that a client may ask for; what the host asks of the engine by itself is not a client's. */
const names = (Object.keys(operations) as OperationName[]).filter(
  (name) => operations[name].by !== 'internal',
);

describe('inputs', () => {
  it.each(names)('of %s are bounded', (name) => {
    expect([...unbounded(operations[name].input as unknown as Node, name)]).toEqual([]);
  });

  it('are looked at by a test that finds what is not bounded', () => {
    const schema = v.object({
      a: v.optional(v.array(v.pipe(v.string(), v.maxLength(3)))),
      b: v.tuple([v.pipe(v.number(), v.minValue(0))]),
      c: v.variant('kind', [v.object({ kind: v.literal('x'), d: v.string() })]),
    });
    expect([...unbounded(schema as unknown as Node, 'x')]).toEqual([
      'x.a (array)',
      'x.b[0] (number)',
      'x.c.d (string)',
    ]);
  });

  const codes = (count: number, latentDim: number) =>
    tensor('f32', [count, latentDim], new Float32Array(count * latentDim));
  const motion = {
    ...({ kind: 'interpolation', version: 1, run: 'vae', frames: 2, fps: 10, pingPong: true } as const),
    ...({ tileSizePx: 64, labels: false, layout: 'rows', theme: 'dark', end: [1] } as const),
  };
  const figures = { kind: 'figures', runs: ['vae'], dataset: 'faces', format: 'pdf', seed: 1 };
  const dimension = { run: 'vae', dimension: 0, isReversed: false };
  const refused: readonly (readonly [OperationName, string, unknown])[] = [
    ['models.decode', 'too many codes', { run: 'vae', z: codes(257, 2) }],
    ['models.decode', 'codes of too many dimensions', { run: 'vae', z: codes(1, 513) }],
    [
      'models.decode',
      'no code of countless dimensions',
      { run: 'vae', z: codes(0, Number.MAX_SAFE_INTEGER) },
    ],
    [
      'models.decode',
      'too many conditions',
      { run: 'vae', z: codes(1, 2), condition: new Array(257).fill(0) },
    ],
    ['models.decode', 'a condition without a value', { run: 'vae', z: codes(1, 2), condition: NaN }],
    [
      'models.decode',
      'a condition that no model computes with',
      { run: 'vae', z: codes(1, 2), condition: 1e300 },
    ],
    [
      'models.preview',
      'a code that is infinite as a model sees it',
      { recipe: { ...motion, start: [1e39] } },
    ],
    ['models.preview', 'an infinite speed', { recipe: { ...motion, start: [0], fps: Infinity } }],
    ['models.samples', 'too many samples', { run: 'vae', seed: 1, count: 257 }],
    ['datasets.column', 'a long name', { dataset: 'faces', column: 'x'.repeat(1001) }],
    [
      'jobs.start',
      'a feature of too many runs',
      { ...figures, features: [{ name: 'a', dimensions: new Array(7).fill(dimension) }] },
    ],
    ['jobs.start', 'the same figure many times', { ...figures, only: new Array(1000).fill('samples') }],
    [
      'sources.add',
      'pieces that are too large together',
      {
        source: `source-${'0'.repeat(16)}`,
        files: [1, 2].map((i) => ({ path: `${i}`, bytes: new Uint8Array(2 ** 25 + 1) })),
      },
    ],
  ];
  it.each(refused)('of %s do not have %s', (name, _what, input) => {
    expect(v.is(operations[name].input, input)).toBe(false);
  });

  it('may be as large as a window makes them', () => {
    expect(
      v.is(operations['models.decode'].input, {
        run: 'vae',
        z: codes(256, 512),
        condition: new Array(256).fill(1),
      }),
    ).toBe(true);
    expect(v.is(operations['models.decode'].input, { run: 'vae', z: codes(0, 5) })).toBe(true);
    expect(v.is(operations['models.preview'].input, { recipe: { ...motion, start: [-20.5] } })).toBe(true);
  });
});
