import { describe, expect, it, vi } from 'vitest';
import { explainFailure, FailureWithIds } from '../../src/cli/failure.ts';
import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { UnravelError } from '../../src/contract/errors.ts';

const calm = new AbortController().signal;

describe('explainFailure', () => {
  it('passes on what an error for people says', () => {
    const error = new UnravelError('not-found', 'There is no run x.', { path: 'x', hint: 'Look again.' });
    expect(explainFailure(error, calm)).toMatchObject({
      ...{ code: 'not-found', message: 'There is no run x.', path: 'x', hint: 'Look again.' },
    });
  });

  it('keeps the ids of a failure that can be gone on from', () => {
    const error = new FailureWithIds(new UnravelError('cancelled', 'Interrupted.'), { run: 'r-1' });
    expect(explainFailure(error, calm)).toMatchObject({ code: 'cancelled', ids: { run: 'r-1' } });
  });

  it('makes one sentence of a fault of the program, without its stack', () => {
    const failure = explainFailure(new TypeError('x is undefined\n    at somewhere'), calm);
    expect(failure.code).toBe('internal');
    expect(failure.message).toBe('Something went wrong inside Unravel: x is undefined.');
    expect(failure.hint).toContain('UNRAVEL_DEBUG=1');
  });

  it('takes an AbortError after Ctrl-C for the person’s own doing, and only then', () => {
    const aborted = AbortSignal.abort();
    expect(explainFailure(aborted.reason, aborted).code).toBe('cancelled');
    expect(explainFailure(aborted.reason, calm).code).toBe('internal');
  });
});

describe('listenForInterrupt', () => {
  it('asks the work to stop at the first Ctrl-C and ends at the second', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const heard: string[] = [];
    const interrupt = listenForInterrupt(
      () => heard.push('first'),
      () => heard.push('second'),
    );
    try {
      process.emit('SIGINT', 'SIGINT');
      expect(interrupt.signal.reason).toMatchObject({ code: 'cancelled' });
      expect(heard).toEqual(['first']);
      expect(exit).not.toHaveBeenCalled();
      process.emit('SIGTERM', 'SIGTERM');
      expect(heard).toEqual(['first', 'second']);
      expect(exit).toHaveBeenCalledWith(1);
    } finally {
      interrupt.release();
      exit.mockRestore();
    }
  });

  it('leaves no listener behind', () => {
    const before = process.listenerCount('SIGINT');
    listenForInterrupt(
      () => undefined,
      () => undefined,
    ).release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
