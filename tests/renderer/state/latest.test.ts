import { describe, expect, it } from 'vitest';
import { Latest } from '../../../src/renderer/state/latest.ts';

/** Work that ends when told to, and what it was asked for. */
function controlled() {
  const asked: number[] = [];
  const ends: (() => void)[] = [];
  const latest = new Latest<number>((input) => {
    asked.push(input);
    return new Promise((resolve) => ends.push(resolve));
  });
  const endOne = async (): Promise<void> => {
    ends.shift()?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { latest, asked, endOne };
}

describe('Latest', () => {
  it('asks at once when nothing is under way', () => {
    const { latest, asked } = controlled();
    latest.ask(1);
    expect(asked).toEqual([1]);
  });

  it('has one call under way at most, and of those that wait asks the newest only', async () => {
    const { latest, asked, endOne } = controlled();
    for (const input of [1, 2, 3, 4]) latest.ask(input);
    expect(asked).toEqual([1]);
    await endOne();
    expect(asked).toEqual([1, 4]);
    await endOne();
    latest.ask(5);
    expect(asked).toEqual([1, 4, 5]);
  });

  it('forgets what waits, and goes on afterwards', async () => {
    const { latest, asked, endOne } = controlled();
    latest.ask(1);
    latest.ask(2);
    latest.forget();
    await endOne();
    expect(asked).toEqual([1]);
    latest.ask(3);
    expect(asked).toEqual([1, 3]);
  });
});
