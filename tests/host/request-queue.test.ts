import { describe, expect, it } from 'vitest';
import { RequestQueue, type QueuedRequest } from '../../src/host/request-queue.ts';

interface Named extends QueuedRequest {
  readonly name: string;
}

const request = (client: number, name: string, isHeavy = false): Named => ({ client, name, isHeavy });
const limits = { ofClient: 2, ofAll: 5, heavyOfClient: 1, heavyOfAll: 2 };

/** Takes all that may be sent now. */
function takeAll(queue: RequestQueue<Named>): Named[] {
  const taken: Named[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push(next);
  return taken;
}
const names = (requests: readonly Named[]): string[] => requests.map(({ name }) => name);

describe('a queue of requests', () => {
  it('lets the clients take turns, and keeps each one’s order', () => {
    const queue = new RequestQueue<Named>({ ...limits, ofClient: 3, ofAll: 9 });
    for (const name of ['a1', 'a2', 'a3', 'a4']) queue.add(request(1, name));
    for (const name of ['b1', 'b2']) queue.add(request(2, name));
    expect(names(takeAll(queue))).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  });

  it('limits the running requests of each client, and of all clients', () => {
    const queue = new RequestQueue<Named>(limits);
    for (const client of [1, 2, 3]) for (let i = 0; i < 9; i++) queue.add(request(client, `${client}`));
    const first = takeAll(queue);
    expect(names(first).sort()).toEqual(['1', '1', '2', '2', '3']);
    queue.remove(first[0]!);
    expect(names(takeAll(queue))).toEqual(['3']);
    queue.remove(first[1]!);
    expect(takeAll(queue)).toHaveLength(1);
  });

  it('runs few heavy requests at a time, and lets light ones overtake them', () => {
    const queue = new RequestQueue<Named>({ ...limits, ofClient: 9, ofAll: 99 });
    for (const client of [1, 2, 3]) {
      queue.add(request(client, `heavy ${client}`, true));
      queue.add(request(client, `heavy ${client} again`, true));
      queue.add(request(client, `light ${client}`));
    }
    const taken = takeAll(queue);
    expect(names(taken).sort()).toEqual(['heavy 1', 'heavy 2', 'light 1', 'light 2', 'light 3']);
    queue.remove(taken.find(({ name }) => name === 'heavy 1')!);
    expect(names(takeAll(queue))).toEqual(['heavy 3']);
  });

  it('forgets a waiting request that is removed, and all running ones at a reset', () => {
    const queue = new RequestQueue<Named>({ ...limits, ofClient: 1 });
    const [under, gone, next] = [request(1, 'under way'), request(1, 'gone'), request(1, 'next')];
    for (const each of [under, gone, next]) queue.add(each);
    expect(takeAll(queue)).toEqual([under]);
    queue.remove(gone);
    queue.reset();
    expect(takeAll(queue)).toEqual([next]);
    queue.remove(next);
    expect(takeAll(queue)).toEqual([]);
  });
});
