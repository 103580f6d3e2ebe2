import { describe, expect, it } from 'vitest';
import { LatestAsk } from '../../../src/renderer/state/latest-ask.ts';
import { held, passed } from '../held.ts';

/** Asks that end when told to, what was taken, and how each ask ended. */
function controlled() {
  const { handler, answer, refuse } = held((input: number) => `answer ${input}`);
  const latest = new LatestAsk();
  const taken: string[] = [];
  const signals: AbortSignal[] = [];
  const ends: (boolean | string)[] = [];
  const ask = (input: number): void => {
    const at = ends.push('under way') - 1;
    latest
      .ask(
        (signal) => {
          signals.push(signal);
          return handler(input);
        },
        (text) => taken.push(text),
      )
      .then(
        (isNewest) => (ends[at] = isNewest),
        (error: unknown) => (ends[at] = (error as Error).message),
      );
  };
  return { latest, ask, answer, refuse, taken, signals, ends };
}

describe('LatestAsk', () => {
  it('sends every ask at once and takes the newest answer, in whatever order they come', async () => {
    const { ask, answer, taken, signals } = controlled();
    for (const input of [0, 1, 2]) ask(input);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    await answer(2);
    await answer(0);
    await answer(1);
    expect(taken).toEqual(['answer 2']);
  });

  it('lets whoever was overtaken wait for the answer that overtook it', async () => {
    const { ask, answer, ends } = controlled();
    ask(0);
    ask(1);
    await answer(0);
    expect(ends).toEqual(['under way', 'under way']);
    await answer(1);
    expect(ends).toEqual([false, true]);
  });

  it('fails where the newest ask fails, and says nothing of an older one', async () => {
    const { ask, refuse, answer, taken, ends } = controlled();
    ask(0);
    ask(1);
    await refuse(0, new Error('old'));
    expect(ends).toEqual(['under way', 'under way']);
    await refuse(1, new Error('new'));
    expect(ends).toEqual([false, 'new']);
    ask(2);
    await answer(2);
    expect(taken).toEqual(['answer 2']);
  });

  it('drops what is under way when it is told to, and goes on afterwards', async () => {
    const { latest, ask, answer, taken, ends, signals } = controlled();
    ask(0);
    latest.forget();
    await answer(0);
    expect([taken, ends, signals[0]!.aborted]).toEqual([[], [false], true]);
    ask(1);
    await answer(1);
    expect(taken).toEqual(['answer 1']);
  });

  it('takes and asks nothing once it is closed', async () => {
    const { latest, ask, refuse, taken, ends, signals } = controlled();
    ask(0);
    latest.close();
    await refuse(0, new Error('too late'));
    ask(1);
    await passed();
    expect([taken, ends, signals.length]).toEqual([[], [false, false], 1]);
  });
});
