import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/engine/serving/turns.ts';

describe('turns', () => {
  it('let another lane in after one piece of a flood, and keep the order within a lane', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const flood = Array.from({ length: 50 }, (_, i) => turns.run('flood', () => done.push(`flood ${i}`)));
    await turns.run('other', () => done.push('other'));
    expect(done.indexOf('other')).toBeLessThanOrEqual(2);
    await Promise.all(flood);
    expect(done.filter((piece) => piece !== 'other')).toEqual(flood.map((_, i) => `flood ${i}`));
  });

  it('leave the event loop a turn between two pieces', async () => {
    const turns = new Turns();
    let turn = 0;
    const at: number[] = [];
    const pieces = Array.from({ length: 5 }, () => turns.run('work', () => at.push(turn)));
    const all = Promise.all(pieces).then(() => true);
    while (!(await Promise.race([all, nextTurn(false)]))) turn += 1;
    expect(new Set(at).size).toBe(5);
  });

  it('hand on what a piece returns or throws, and go on', async () => {
    const turns = new Turns();
    const failed = turns.run('a', () => {
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await turns.run('a', () => 7)).toBe(7);
  });
});
