import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { DatasetInfoSchema } from '../../src/contract/dataset.ts';
import { errorPayload, ErrorPayloadSchema, UnravelError } from '../../src/contract/errors.ts';
import { JobSchema } from '../../src/contract/job.ts';
import { RunInfoSchema } from '../../src/contract/run.ts';
import { shownJson, shownLines, shownText } from '../../src/contract/shown-text.ts';
import { aRun } from '../host/samples.ts';

/** All that must not reach a terminal or a page as it is. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\ufeff\u200b]|\p{Surrogate}/u;
const EVIL = 'a\u001b[31m\u009b2J\n\u202egnp.exe\u0000\u007f';
const SHOWN = 'a\\u001b[31m\\u009b2J\\n\\u202egnp.exe\\u0000\\u007f';

describe('a text that is shown', () => {
  it('has its control characters, line ends and turns of direction written out', () => {
    expect(shownText(EVIL)).toBe(SHOWN);
    expect(shownText('tab\tCR\r')).toBe('tab\\tCR\\r');
    expect(shownLines('one\u001b\ntwo\r')).toBe('one\\u001b\ntwo\\r');
  });

  it.each(['Zoë', 'Łódź.png', '日本語', 'שלום', '👩‍👩‍👧', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'a\\nb', "it's", 'β = 5'])(
    'leaves %s as it is',
    (text) => {
      expect(shownText(text)).toBe(text);
    },
  );

  it('holds nothing unseen, whatever it was made of, and stays as it is when it is shown again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = shownText(text);
        expect(shown).not.toMatch(UNSEEN);
        expect(shownText(shown)).toBe(shown);
        const json = shownJson({ text });
        expect(json).not.toMatch(UNSEEN);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ text })));
      }),
    );
  });
});

describe('names', () => {
  it('that are read from files or come from another process are shown names', () => {
    const dataset = v.parse(DatasetInfoSchema, {
      ...{ version: 1, id: 'x', name: EVIL, kind: 'imported', created: EVIL, images: 1, channels: 3 },
      ...{ crop: 'none', source: EVIL },
      columns: [{ name: EVIL, type: 'categorical', categories: [EVIL], factor: false }],
      skipped: [{ file: EVIL, reason: EVIL }],
      duplicates: [{ file: EVIL, sameAs: EVIL }],
      labels: {
        ...{ file: EVIL, rowsWithoutImage: 0, imagesWithoutRow: 0 },
        ...{ examples: [EVIL], columnsLeftOut: [EVIL] },
      },
    });
    const run = v.parse(RunInfoSchema, {
      ...aRun('x'),
      ...{ name: EVIL, failure: EVIL, importedFrom: EVIL, versions: { unravel: EVIL, tensorflow: EVIL } },
      dataset: { id: 'x', name: EVIL, images: 1 },
      config: { ...aRun('x').config, condition: EVIL },
      condition: { column: EVIL, type: 'categorical', categories: [EVIL], usual: 0 },
    });
    const job = v.parse(JobSchema, {
      ...{ id: 'job-00000000', order: 1, title: EVIL, state: 'failed', warning: EVIL },
      request: { kind: 'import', source: 'source-0000000000000000', name: EVIL, crop: 'none' },
      error: errorPayload(new UnravelError('bad-input', EVIL, { path: EVIL, hint: EVIL })),
    });
    const error = v.parse(ErrorPayloadSchema, { code: 'internal', message: EVIL, path: EVIL, hint: EVIL });
    for (const parsed of [dataset, run, job, error]) {
      const text = JSON.stringify(parsed);
      expect(text).toContain(JSON.stringify(SHOWN).slice(1, -1));
      // JSON writes some of them out itself.
      expect(text).not.toMatch(/[\u009b\u202e\u007f]|(?<!\\)\\(u00|n)/);
    }
  });
});
