import { describe, expect, it, vi } from 'vitest';
import { explainFailure, FailureWithIds } from '../../src/cli/failure.ts';
import { listenForInterrupt } from '../../src/cli/interrupt.ts';
import { UnravelError } from '../../src/contract/errors.ts';

const calm = new AbortController().signal;

describe('explainFailure', () => {
  it('passes on the fields of an error for people', () => {
    const error = new UnravelError('not-found', 'There is no run x.', { path: 'x', hint: 'Look again.' });
    expect(explainFailure(error, calm)).toMatchObject({
      ...{ code: 'not-found', message: 'There is no run x.', path: 'x', hint: 'Look again.' },
    });
  });

  it('keeps the ids of a failure that can be resumed', () => {
    const error = new FailureWithIds(new UnravelError('cancelled', 'Interrupted.'), { run: 'r-1' });
    expect(explainFailure(error, calm)).toMatchObject({ code: 'cancelled', ids: { run: 'r-1' } });
  });

  it('reports a fault of the program in one sentence, without its stack', () => {
    const failure = explainFailure(new TypeError('x is undefined\n    at somewhere'), calm);
    expect(failure.code).toBe('internal');
    expect(failure.message).toBe('Something went wrong inside Unravel: x is undefined.');
    expect(failure.hint).toContain('UNRAVEL_DEBUG=1');
  });

  it('treats an AbortError as cancelled only after Ctrl-C', () => {
    const aborted = AbortSignal.abort();
    expect(explainFailure(aborted.reason, aborted).code).toBe('cancelled');
    expect(explainFailure(aborted.reason, calm).code).toBe('internal');
  });
});

describe('listenForInterrupt', () => {
  /** What a series of signals does. Each comes `ms` after the one before. */
  function hear(...signals: readonly (readonly [ms: number, signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'])[]) {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const heard: string[] = [];
    let clock = 0;
    const interrupt = listenForInterrupt(
      () => heard.push('first'),
      () => heard.push('second'),
      () => clock,
    );
    try {
      for (const [ms, signal] of signals) {
        clock += ms;
        process.emit(signal, signal);
      }
      const reason: unknown = interrupt.signal.reason;
      return { heard, reason, exitCode: interrupt.exitCode, exits: exit.mock.calls.flat() };
    } finally {
      interrupt.release();
      exit.mockRestore();
    }
  }

  it('stops the work at the first Ctrl-C and ends at the second', () => {
    const stopped = { reason: { code: 'cancelled' }, exitCode: 130 };
    expect(hear([0, 'SIGINT'])).toMatchObject({ ...stopped, heard: ['first'], exits: [] });
    const twice = hear([0, 'SIGINT'], [2000, 'SIGTERM']);
    expect(twice).toMatchObject({ ...stopped, heard: ['first', 'second'], exits: [143] });
  });

  it('counts a Ctrl-C that npm forwards, after the terminal has sent it, as one', () => {
    const once = { heard: ['first'], exits: [] };
    expect(hear([0, 'SIGINT'], [1, 'SIGINT'])).toMatchObject({ ...once, exitCode: 130 });
    expect(hear([0, 'SIGTERM'], [1, 'SIGHUP'])).toMatchObject({ ...once, exitCode: 143 });
  });

  it('never ends at once when a terminal is closed', () => {
    const closed = hear([0, 'SIGHUP'], [2000, 'SIGHUP'], [2000, 'SIGHUP']);
    expect(closed).toMatchObject({ heard: ['first'], exits: [], exitCode: 129 });
  });

  it('removes its listeners', () => {
    const before = process.listenerCount('SIGINT');
    listenForInterrupt(
      () => undefined,
      () => undefined,
    ).release();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
