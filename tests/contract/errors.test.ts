import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  errorFromPayload,
  errorPayload,
  ErrorPayloadSchema,
  inOneLine,
  UnravelError,
} from '../../src/contract/errors.ts';
import { PAPERS_SETTINGS, RunInfoSchema } from '../../src/contract/run.ts';

describe('an error for a person', () => {
  it('says what it was given', () => {
    const error = new UnravelError('bad-input', 'm'.repeat(2000), { hint: 'h', path: 'p' });
    expect(error.message).toBe('m'.repeat(2000));
    expect(error).toMatchObject({ hint: 'h', path: 'p' });
    expect(new UnravelError('bad-input', 'm').hint).toBeUndefined();
  });

  it('is no longer than can be shown, whatever a file calls its parts, and keeps both ends', () => {
    const long = `Could not read x: its tensor ${'a'.repeat(1e6)} has no shape.`;
    const { message, hint } = new UnravelError('bad-input', long, { hint: long });
    for (const text of [message, hint!]) {
      expect(text).toHaveLength(2000);
      expect(text).toMatch(/^Could not read x: its tensor a+…a+ has no shape\.$/);
    }
  });
});

describe('an error that crosses a boundary', () => {
  it('keeps what happened, to which file, and what to do', () => {
    const details = { path: '/codes.csv', hint: 'Name the columns.', remedy: 'encode' } as const;
    const error = new UnravelError('bad-input', 'Could not read /codes.csv.', details);
    const payload = v.parse(ErrorPayloadSchema, structuredClone(errorPayload(error)));
    expect(errorPayload(errorFromPayload(payload))).toEqual({
      code: 'bad-input',
      message: 'Could not read /codes.csv.',
      ...details,
    });
    expect(inOneLine(payload)).toBe('Could not read /codes.csv. Name the columns.');
  });

  it('is a fault of the program where nobody meant it for a person', () => {
    const payload = errorPayload(new TypeError('x is undefined\n    at somewhere'));
    expect(payload).toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('at somewhere') as string,
    });
  });
});

describe('why a run failed', () => {
  const run = {
    ...{
      version: 1,
      id: 'run-1',
      name: 'VAE',
      created: '2026-01-01T00:00:00Z',
      state: 'failed',
      dataset: null,
    },
    ...{ imageSize: 64, channels: 3, epoch: 0, step: 0 },
    config: { objective: { model: 'vae' }, ...PAPERS_SETTINGS },
    versions: { unravel: '0.0.0', tensorflow: '2.21.0' },
  };

  it('is an error with its code, and of an early version its sentence', () => {
    const failure = {
      code: 'diverged',
      message: 'Training diverged.',
      hint: 'Use smaller weights.',
    } as const;
    expect(v.parse(RunInfoSchema, { ...run, failure }).failure).toEqual(failure);
    const early = v.parse(RunInfoSchema, { ...run, failure: 'The disk is full.' });
    expect(early.failure).toEqual({ code: 'internal', message: 'The disk is full.' });
  });
});
