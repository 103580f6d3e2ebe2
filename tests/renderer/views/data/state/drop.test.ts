import { describe, expect, it } from 'vitest';
import { createClient } from '../../../../../src/contract/client.ts';
import { UnravelError } from '../../../../../src/contract/errors.ts';
import type { LabelChoice } from '../../../../../src/contract/label-choice.ts';
import type { Inspection } from '../../../../../src/contract/operations/sources.ts';
import { portPair } from '../../../../../src/contract/port.ts';
import { serve } from '../../../../../src/contract/serve.ts';
import { tensor } from '../../../../../src/contract/tensor.ts';
import { DropState } from '../../../../../src/renderer/views/data/state/drop.svelte.ts';
import { settled } from '../../../small-app.ts';

const source = { source: 'source-0123456789abcdef', name: 'faces.zip' };
const SHADES = { auto: 10, celeba: 20, square: 30, none: 40 };

const AGES = { file: 'ages.csv', columns: ['file', 'age'] };
const PEOPLE = { file: 'people.tsv', columns: ['photo', 'person'] };

interface Asked {
  readonly labels?: LabelChoice | undefined;
  readonly imageSize?: number | undefined;
  readonly crop: keyof typeof SHADES;
  readonly seed: number;
}

/** Two images whose shade tells crop and seed. */
function inspecting(facts: Partial<Inspection> = {}, colour = 0) {
  const asked: Asked[] = [];
  const sizes: number[] = [];
  const labels: LabelChoice[] = [];
  let held: Promise<void> | undefined;
  let later: Partial<Inspection> = {};
  let checks = 0;
  const [near, far] = portPair();
  serve(far, {
    'sources.inspect': async ({
      crop,
      seed,
      contrast,
      imageSize = 64,
      labels: chosen,
    }: Asked & { contrast?: unknown }) => {
      if (chosen) labels.push(chosen);
      if (chosen?.tables?.some(({ nameColumn }) => nameColumn === 'nobody')) {
        throw new UnravelError('bad-input', 'No value of nobody names an image.');
      }
      await held;
      asked.push({ crop, seed });
      sizes.push(imageSize);
      const isStretched =
        Array.isArray(contrast) || (contrast === 'auto' && facts.stretch?.isProposed === true);
      const shade = SHADES[crop] + seed + (isStretched ? 100 : 0);
      const data = new Uint8Array(2 * imageSize * imageSize * 3).fill(shade);
      data[0]! += colour;
      return {
        images: 11_001,
        folders: [],
        tables: [],
        previews: tensor('u8', [2, imageSize, imageSize, 3], data),
        previewNames: ['a.jpg', 'b.jpg'],
        unreadable: [],
        examined: 64,
        failures: 0,
        celebaShaped: false,
        ...facts,
        ...later,
        ...(chosen?.tables && facts.tables
          ? {
              tables: facts.tables.map((table) =>
                chosen.tables!.some(({ file }) => file === table.file)
                  ? table
                  : { ...table, reason: 'it was not chosen' },
              ),
            }
          : {}),
      };
    },
    'sources.check': ({ from }: { from: number }) => {
      checks += 1;
      const next = Math.min(facts.images ?? 11_001, from + 8000);
      return { next, unreadable: from === 0 ? [{ file: 'broken.jpg', reason: 'the JPEG ends early' }] : [] };
    },
  });
  return {
    ...{ client: createClient(near), asked, sizes, labels, checks: () => checks },
    /** What later inspections find instead. */
    laterFacts: (changed: Partial<Inspection>): void => void (later = changed),
    /** Keeps answers back until the returned function is called. */
    hold: (): (() => void) => {
      let release = (): void => undefined;
      held = new Promise((resolve) => (release = resolve));
      return () => release();
    },
  };
}

describe('DropState', () => {
  it('chooses the crop that fits, and shows the same images under the others', async () => {
    const { client, asked } = inspecting({ celebaShaped: true });
    const drop = new DropState(client, source);
    expect(drop.name).toBe('faces');
    await settled();
    expect(drop.crop).toBe('celeba');
    expect(drop.faces[0]!.data[0]).toBe(SHADES.auto);
    expect(drop.exampleOf('square')!.data[0]).toBe(SHADES.square);
    expect(drop.exampleOf('none')!.data[0]).toBe(SHADES.none);
    expect(asked.map(({ crop }) => crop)).toEqual(['auto', 'square', 'none']);
  });

  it('does not offer CelebA’s crop to other shapes', async () => {
    const { client, asked } = inspecting();
    const drop = new DropState(client, source);
    await settled();
    expect(drop.crop).toBe('square');
    expect(drop.canUse('celeba')).toBe(false);
    expect(drop.crops).toEqual(['square', 'none', 'celeba']);
    expect(asked.map(({ crop }) => crop)).toEqual(['auto', 'none']);
  });

  it('draws others under the chosen crop first, and keeps the old ones until they come', async () => {
    const { client, asked } = inspecting();
    const drop = new DropState(client, source);
    await settled();
    drop.drawOthers();
    expect(drop.isDrawing).toBe(true);
    expect(drop.faces).toHaveLength(2);
    expect(drop.isLate).toBe(true);
    await settled();
    expect(drop.isLate).toBe(false);
    expect(drop.isDrawing).toBe(false);
    expect(drop.faces[0]!.data[0]).toBe(SHADES.square + 1);
    expect(asked.slice(2)).toEqual([
      { crop: 'square', seed: 1 },
      { crop: 'none', seed: 1 },
    ]);
  });

  it('says how large grey and coloured images become', async () => {
    const grey = new DropState(inspecting().client, source);
    const coloured = new DropState(inspecting({}, 1).client, source);
    await settled();
    expect(grey.isGrey).toBe(true);
    expect(grey.bytes).toBe(11_000 * 4096);
    expect(coloured.isGrey).toBe(false);
    expect(coloured.bytes).toBe(11_000 * 4096 * 3);
  });

  it('offers the sizes that the pictures give, and shows and counts those of the chosen one', async () => {
    const { client, sizes } = inspecting({ smallerSide: 178 }, 1);
    const drop = new DropState(client, source);
    expect(drop.imageSize).toBe(64);
    await settled();
    expect(drop.sizes).toEqual([32, 64, 128]);
    expect(new Set(sizes)).toEqual(new Set([64]));
    expect(drop.faces[0]!.width).toBe(64);
    drop.chooseSize(128);
    expect(drop.bytes).toBe(11_000 * 128 * 128 * 3);
    // Those of the other size stay until the new ones come.
    expect(drop.isLate).toBe(true);
    expect(drop.faces[0]!.width).toBe(64);
    await settled();
    expect(drop.isLate).toBe(false);
    expect(drop.faces[0]!.width).toBe(128);
    expect(drop.exampleOf('none')!.width).toBe(128);
    const asked = sizes.length;
    drop.chooseSize(64);
    await settled();
    expect(drop.faces[0]!.width).toBe(64);
    expect(sizes).toHaveLength(asked);
  });

  it('offers small pictures no size that only enlarges them, but the usual one', async () => {
    for (const [smallerSide, offered] of [
      [28, [32, 64]],
      [undefined, [32, 64]],
      [127, [32, 64]],
      [256, [32, 64, 128, 256]],
    ] as const) {
      const drop = new DropState(inspecting(smallerSide === undefined ? {} : { smallerSide }).client, source);
      await settled();
      expect(drop.sizes).toEqual(offered);
    }
  });

  it('expects an import to take as long as the last one, or as looking inside did, and longer for more pixels', async () => {
    const drop = new DropState(inspecting({ filesPerSecond: 1000 }).client, source);
    const unknown = new DropState(inspecting().client, source);
    await settled();
    expect(unknown.seconds(undefined)).toBeUndefined();
    expect(drop.seconds(undefined)).toBeCloseTo(11.001);
    expect(drop.seconds({ filesPerSecond: 500, imageSize: 64 })).toBeCloseTo(22.002);
    drop.chooseSize(256);
    const seconds = drop.seconds({ filesPerSecond: 500, imageSize: 64 })!;
    expect(seconds / 22.002).toBeGreaterThan(1.5);
    expect(drop.seconds({ filesPerSecond: 500, imageSize: 256 })).toBeCloseTo(22.002);
  });

  it('says how many images will be imported as soon as all files were read', async () => {
    const { client, checks } = inspecting();
    const drop = new DropState(client, source);
    expect(drop.readable).toBe(0);
    await settled();
    expect(checks()).toBe(2);
    expect(drop.isCounted).toBe(true);
    expect(drop.readable).toBe(11_000);
    expect(drop.examined).toBe(11_001);
    expect(drop.unreadable).toEqual([{ file: 'broken.jpg', reason: 'the JPEG ends early' }]);
  });

  it('reads nothing twice where the first look has seen all files, and counts no table as an image', async () => {
    const unreadable = [
      { file: 'broken.jpg', reason: 'the JPEG ends early' },
      { file: 'notes.csv', reason: 'it was not used for labels.' },
    ];
    const { client, checks } = inspecting({ images: 50, examined: 50, failures: 1, unreadable });
    const drop = new DropState(client, source);
    await settled();
    expect(checks()).toBe(0);
    expect(drop.isCounted).toBe(true);
    expect(drop.readable).toBe(49);
  });

  it('does not read a very large source only to count it', async () => {
    const { client, checks } = inspecting({ images: 202_599 });
    const drop = new DropState(client, source);
    await settled();
    expect(checks()).toBe(0);
    expect(drop.isCounted).toBe(false);
    expect(drop.readable).toBe(202_599);
  });

  it('previews the stretch that is proposed, and the other contrast to choose by', async () => {
    const stretch = {
      percentiles: [0.1, 99.9] as [number, number],
      bounds: [90, 4020] as [number, number],
      isProposed: true,
    };
    const { client } = inspecting({ stretch });
    const drop = new DropState(client, source);
    await settled();
    expect(drop.isStretched).toBe(true);
    expect(drop.contrast).toEqual([0.1, 99.9]);
    expect(drop.faces[0]!.data[0]).toBe(SHADES.auto + 100);
    expect(drop.exampleOf('square', false)!.data[0]).toBe(SHADES.square);
    drop.chooseStretch(false);
    expect(drop.contrast).toBe('none');
    expect(drop.faces[0]!.data[0]).toBe(SHADES.square);
    await settled();
    expect(drop.exampleOf('none')!.data[0]).toBe(SHADES.none);
  });

  it('looks at the joined rows of other tables, and keeps what does not depend on them', async () => {
    const stretch = {
      percentiles: [0.1, 99.9] as [number, number],
      bounds: [90, 4020] as [number, number],
      isProposed: false,
    };
    const { client, labels } = inspecting({ stretch, filesPerSecond: 500, tables: [AGES, PEOPLE] });
    const drop = new DropState(client, source);
    await settled();
    const before = labels.length;
    drop.chooseTables([{ file: 'people.tsv', nameColumn: 'photo' }]);
    expect(drop.isJoining).toBe(true);
    expect(drop.facts?.tables).toEqual([AGES, PEOPLE]);
    await settled();
    expect(drop.isJoining).toBe(false);
    expect(labels.slice(before)).toEqual([{ tables: [{ file: 'people.tsv', nameColumn: 'photo' }] }]);
    expect(drop.facts?.tables).toEqual([{ ...AGES, reason: 'it was not chosen' }, PEOPLE]);
    expect(drop.facts?.stretch).toEqual(stretch);
    expect(drop.facts?.filesPerSecond).toBe(500);
  });

  it('still knows which files cannot be read where the look at other tables has read fewer', async () => {
    const broken = { file: 'broken.jpg', reason: 'the JPEG ends early' };
    const unused = { file: 'people.tsv', reason: 'it was not used for labels.' };
    const { client, laterFacts } = inspecting({
      ...{ images: 50, examined: 50, failures: 1, unreadable: [broken, unused] },
      tables: [AGES, PEOPLE],
    });
    const drop = new DropState(client, source);
    await settled();
    expect(drop.readable).toBe(49);
    laterFacts({ examined: 40, failures: 0, unreadable: [] });
    drop.chooseTables([{ file: 'ages.csv' }, { file: 'people.tsv' }]);
    await settled();
    expect(drop.isCounted).toBe(true);
    expect(drop.readable).toBe(49);
    expect(drop.unreadable).toEqual([broken]);
  });

  it('shows the rows of the tables that were chosen last, whichever answer comes first', async () => {
    const { client, labels, hold } = inspecting({ tables: [AGES, PEOPLE] });
    const drop = new DropState(client, source);
    await settled();
    const release = hold();
    drop.chooseTables([{ file: 'ages.csv' }]);
    await settled();
    drop.chooseTables([]);
    release();
    await settled();
    expect(labels.at(-1)).toEqual({ tables: [] });
    expect(drop.isJoining).toBe(false);
    expect(drop.facts?.tables.map(({ reason }) => reason)).toEqual([
      'it was not chosen',
      'it was not chosen',
    ]);
  });

  it('takes labels of file names beside those of tables, and leaves them again', async () => {
    const { client } = inspecting({ tables: [AGES] });
    const drop = new DropState(client, source);
    await settled();
    expect(drop.labels).toEqual({});
    drop.choosePattern('{age}_{*}');
    expect(drop.labels).toEqual({ namePattern: '{age}_{*}' });
    drop.chooseTables([{ file: 'ages.csv' }]);
    expect(drop.labels).toEqual({ tables: [{ file: 'ages.csv' }], namePattern: '{age}_{*}' });
    await settled();
    drop.choosePattern(undefined);
    expect(drop.labels).toEqual({ tables: [{ file: 'ages.csv' }] });
  });

  it('says why another choice of tables cannot be joined, until one can', async () => {
    const { client } = inspecting({ tables: [AGES] });
    const drop = new DropState(client, source);
    await settled();
    drop.chooseTables([{ file: 'ages.csv', nameColumn: 'nobody' }]);
    await settled();
    expect(drop.isJoining).toBe(false);
    expect(drop.error?.message).toBe('No value of nobody names an image.');
    expect(drop.hasJoinFailed).toBe(true);
    drop.chooseTables([{ file: 'ages.csv', nameColumn: 'file' }]);
    await settled();
    expect(drop.error).toBeUndefined();
    expect(drop.hasJoinFailed).toBe(false);
  });

  it('keeps the sentence of what went wrong', async () => {
    const [near, far] = portPair();
    serve(far, {});
    const drop = new DropState(createClient(near), source);
    await settled();
    expect(drop.error?.code).toBe('unsupported');
    expect(drop.faces).toEqual([]);
  });
});
