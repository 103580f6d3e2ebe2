import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Asker } from '../../../src/contract/serve.ts';
import { Turns } from '../../../src/engine/serving/turns.ts';

const asker = (client: number, stop = new AbortController()): Asker => ({ client, signal: stop.signal });
const one = asker(1);

describe('turns', () => {
  it('let another lane in after one piece of a flood, and keep the order within a lane', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const flood = Array.from({ length: 50 }, (_, i) =>
      turns.run('flood', one, () => done.push(`flood ${i}`)),
    );
    await turns.run('other', one, () => done.push('other'));
    expect(done.indexOf('other')).toBeLessThanOrEqual(2);
    await Promise.all(flood);
    expect(done.filter((piece) => piece !== 'other')).toEqual(flood.map((_, i) => `flood ${i}`));
  });

  it('leave the event loop a turn between two pieces', async () => {
    const turns = new Turns();
    let turn = 0;
    const at: number[] = [];
    const pieces = Array.from({ length: 5 }, () => turns.run('work', one, () => at.push(turn)));
    const all = Promise.all(pieces).then(() => true);
    while (!(await Promise.race([all, nextTurn(false)]))) turn += 1;
    expect(new Set(at).size).toBe(5);
  });

  it('hand on what a piece returns or throws, and go on', async () => {
    const turns = new Turns();
    const failed = turns.run('a', one, () => {
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await turns.run('a', one, () => 7)).toBe(7);
  });

  it('let another client in after one piece of a flood, of the same kind too', async () => {
    const turns = new Turns();
    const done: string[] = [];
    const flood = Array.from({ length: 500 }, () => turns.run('decode', one, () => done.push('flood')));
    await turns.run('decode', asker(2), () => done.push('other'));
    expect(done.indexOf('other')).toBeLessThanOrEqual(2);
    await Promise.all(flood);
  });

  it('do nothing for one who has gone, and lose no turn over it', async () => {
    const turns = new Turns();
    const stop = new AbortController();
    const done: string[] = [];
    const gone = Array.from({ length: 500 }, () =>
      turns.run('decode', asker(1, stop), () => done.push('gone')).catch((error: unknown) => error),
    );
    const reason = new Error('gone');
    stop.abort(reason);
    let turn = 0;
    const other = turns.run('decode', asker(2), () => done.push('other'));
    const isDone = other.then(() => true);
    while (!(await Promise.race([isDone, nextTurn(false)]))) turn += 1;
    expect(turn).toBeLessThanOrEqual(4);
    expect(done).toEqual(['other']);
    expect(new Set(await Promise.all(gone))).toEqual(new Set([reason]));
  });
});
