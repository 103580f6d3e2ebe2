import { describe, expect, it } from 'vitest';
import { Latest } from '../../../src/renderer/state/latest.ts';
import { held, passed } from '../held.ts';

/** Asks that end when told to, what was shown, and what failed. */
function controlled() {
  const { handler, asked, answer, refuse } = held((input: number) => `answer ${input}`);
  const shown: string[] = [];
  const failed: string[] = [];
  const latest = new Latest<number, string>({
    load: handler,
    show: (text) => shown.push(text),
    fail: (error) => failed.push((error as Error).message),
  });
  return { latest, asked, answer, refuse, shown, failed };
}

describe('Latest', () => {
  it('asks at once when nothing is under way', () => {
    const { latest, asked } = controlled();
    latest.ask(1);
    expect(asked).toEqual([1]);
  });

  it('has one ask under way at most, and of those that wait asks the newest only', async () => {
    const { latest, asked, answer, shown } = controlled();
    for (const input of [1, 2, 3, 4]) latest.ask(input);
    expect(asked).toEqual([1]);
    expect(latest.isWaiting).toBe(true);
    await answer(0);
    // The picture follows: what came is shown although a newer one is awaited.
    expect(shown).toEqual(['answer 1']);
    expect(asked).toEqual([1, 4]);
    await answer(1);
    latest.ask(5);
    expect(asked).toEqual([1, 4, 5]);
    await answer(2);
    expect(shown).toEqual(['answer 1', 'answer 4', 'answer 5']);
  });

  it('forgets what waits and drops what is under way, and goes on afterwards', async () => {
    const { latest, asked, answer, shown } = controlled();
    latest.ask(1);
    latest.ask(2);
    latest.forget();
    latest.ask(3);
    await answer(0);
    expect(asked).toEqual([1, 3]);
    expect(shown).toEqual([]);
    await answer(1);
    expect(shown).toEqual(['answer 3']);
  });

  it('tells of a failure, but not of an ask that a newer one waits behind, nor of a dropped one', async () => {
    const { latest, refuse, answer, failed, shown } = controlled();
    latest.ask(1);
    latest.ask(2);
    await refuse(0, new Error('one'));
    expect(failed).toEqual([]);
    await refuse(1, new Error('two'));
    expect(failed).toEqual(['two']);
    latest.ask(3);
    latest.forget();
    await refuse(2, new Error('three'));
    expect(failed).toEqual(['two']);
    latest.ask(4);
    await answer(3);
    expect(shown).toEqual(['answer 4']);
  });

  it('shows, tells and asks nothing once it is closed', async () => {
    const { latest, asked, answer, shown } = controlled();
    latest.ask(1);
    latest.ask(2);
    latest.close();
    await answer(0);
    latest.ask(3);
    await passed();
    expect(asked).toEqual([1]);
    expect(shown).toEqual([]);
  });
});
