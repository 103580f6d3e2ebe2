import { describe, expect, it } from 'vitest';
import { Reporter } from '../../src/cli/output.ts';

/** A reporter on streams that remember, with a clock set by hand. */
function setUp({ json = false, isTTY = false, columns = 80 } = {}) {
  const written = { out: '', err: '' };
  const clock = { ms: 0 };
  const reporter = new Reporter(
    {
      stdout: { write: (text) => (written.out += text) },
      stderr: { write: (text) => (written.err += text), isTTY, columns },
    },
    { json, now: () => clock.ms },
  );
  return { reporter, written, clock };
}

const at = (done: number) => ({ done, total: 8000, rate: 5980.4, secondsLeft: (8000 - done) / 5980.4 });

describe('progress for people', () => {
  it('rewrites one line on a terminal, at most ten times a second', () => {
    const { reporter, written, clock } = setUp({ isTTY: true });
    const progress = reporter.progress('Importing', 'files');
    progress(at(3420));
    clock.ms = 50;
    progress(at(3700));
    clock.ms = 100;
    progress(at(4000));
    expect(written.err.split('\r\u001b[K')).toEqual([
      '',
      'Importing: 3,420 of 8,000 files (42 %), 5,980 a second, 0.8 s left',
      'Importing: 4,000 of 8,000 files (50 %), 5,980 a second, 0.7 s left',
    ]);
    expect(written.out).toBe('');
  });

  it('never fills the terminal’s width, which would break the line', () => {
    const { reporter, written } = setUp({ isTTY: true, columns: 40 });
    reporter.progress('Importing', 'files')(at(3420));
    expect(written.err).toBe('\r\u001b[KImporting: 3,420 of 8,000 files (42 %)…');
    expect(written.err.length - 4).toBeLessThan(40);
  });

  it('clears the line before anything else is written', () => {
    const { reporter, written } = setUp({ isTTY: true });
    reporter.status('Working');
    reporter.say('Found something.');
    expect(written.err).toBe('\r\u001b[KWorking\r\u001b[K');
    expect(written.out).toBe('Found something.\n');
  });

  it('writes a plain line every ten seconds where there is no terminal, and none for quick work', () => {
    const { reporter, written, clock } = setUp();
    const progress = reporter.progress('Importing', 'files');
    for (clock.ms = 0; clock.ms < 25_000; clock.ms += 500) progress(at(100));
    expect(written.err.split('\n').filter(Boolean)).toHaveLength(2);
    expect(written.err).not.toContain('\r');
  });
});

describe('json', () => {
  it('writes one object a line and nothing for people', () => {
    const { reporter, written } = setUp({ json: true });
    reporter.say('Hello.');
    reporter.event('dataset', { dataset: 'a', images: 3 });
    reporter.done({ datasets: 1 }, 'Bye.');
    expect(written).toEqual({
      out: '{"event":"dataset","dataset":"a","images":3}\n{"event":"done","datasets":1}\n',
      err: '',
    });
  });

  it('reports progress once a second', () => {
    const { reporter, written, clock } = setUp({ json: true });
    const progress = reporter.progress('Importing', 'files');
    for (clock.ms = 0; clock.ms < 3000; clock.ms += 100) progress({ ...at(10), secondsLeft: undefined });
    const lines = written.out.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0]!)).toEqual({
      event: 'progress',
      done: 10,
      total: 8000,
      rate: 5980.4,
      secondsLeft: null,
    });
  });

  it('reports code, message, path and hint of a failure, also where they are unknown', () => {
    const { reporter, written } = setUp({ json: true });
    reporter.failed({ code: 'not-found', message: 'There is no run x.' });
    expect(JSON.parse(written.out)).toEqual({
      event: 'failed',
      code: 'not-found',
      message: 'There is no run x.',
      path: null,
      hint: null,
    });
  });

  it('cannot end twice', () => {
    const { reporter } = setUp({ json: true });
    reporter.done({});
    expect(() => reporter.failed({ code: 'internal', message: 'Late.' })).toThrow('reported twice');
  });
});

describe('names of files that would move the cursor, forge a line or reverse the text', () => {
  const evil = 'a\u001b[2J\nDone.\u202egnp\u009b';
  const shown = 'a\\u001b[2J\\nDone.\\u202egnp\\u009b';

  it('are escaped for people in every output', () => {
    const { reporter, written } = setUp({ isTTY: true, columns: 200 });
    reporter.say(`Found ${evil}.`, 'Next.');
    reporter.remark(evil);
    reporter.status(evil);
    reporter.failed({ code: 'bad-input', message: evil, hint: evil });
    expect(written.out).toBe(`Found ${shown}.\nNext.\n`);
    // The line of progress is the terminal's own: it is cleared with the only escape that is written.
    expect(written.err).toBe(`${shown}\n\r\u001b[K${shown}\r\u001b[K${shown}\n${shown}\n`);
  });

  it('are escaped in JSON, beyond what JSON requires', () => {
    const { reporter, written } = setUp({ json: true });
    reporter.event('skipped', { file: evil });
    expect(written.out).toBe('{"event":"skipped","file":"a\\u001b[2J\\nDone.\\u202egnp\\u009b"}\n');
    expect(JSON.parse(written.out)).toEqual({ event: 'skipped', file: evil });
  });
});

describe('a failure for people', () => {
  it('is a message and a hint, on standard error', () => {
    const { reporter, written } = setUp();
    reporter.failed({
      code: 'bad-input',
      message: 'Could not read a.jpg.',
      path: 'a.jpg',
      hint: 'Replace it.',
    });
    expect(written).toEqual({ out: '', err: 'Could not read a.jpg.\nReplace it.\n' });
  });
});
