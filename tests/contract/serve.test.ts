import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/contract/messages.ts';
import { Mailbox } from '../../src/contract/mailbox.ts';
import { portFrom, portPair, type Port } from '../../src/contract/port.ts';
import { serve, type Asker, type ServeOptions } from '../../src/contract/serve.ts';

const settle = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));

/** A server whose uploads never end by themselves. */
function open(options: ServeOptions = {}): {
  port: Port;
  askers: Asker[];
  answers: Answer[];
  finish: () => void;
} {
  const [port, far] = portPair();
  const askers: Asker[] = [];
  const waiting: (() => void)[] = [];
  serve(
    far,
    {
      'jobs.list': () => [],
      'sources.add': (_input, asker) => {
        askers.push(asker);
        return new Promise((resolve, reject) => {
          waiting.push(() => resolve({}));
          asker.signal.addEventListener('abort', () => reject(asker.signal.reason as Error));
        });
      },
    },
    options,
  );
  const answers: Answer[] = [];
  port.onMessage((message) => void answers.push(message as Answer));
  return { port, askers, answers, finish: () => waiting.splice(0).forEach((end) => end()) };
}

const source = `source-${'0'.repeat(16)}`;
const add = (id: number, bytes: number): object => ({
  ...{ type: 'request', id, operation: 'sources.add' },
  input: { source, files: [{ path: 'a', bytes: new Uint8Array(bytes) }] },
});
const list = (id: number): object => ({ type: 'request', id, operation: 'jobs.list', input: {} });

describe('a server of one client', () => {
  it('takes no more at a time than 256 requests, and 256 MB', async () => {
    const { port, askers, answers, finish } = open();
    for (let id = 0; id < 5; id++) port.post(add(id, 60 * 2 ** 20));
    await settle();
    expect(askers).toHaveLength(4);
    expect(answers).toEqual([expect.objectContaining({ type: 'failure', id: 4 })]);
    finish();
    await settle();
    for (let id = 10; id < 270; id++) port.post(add(id, 1));
    await settle();
    expect(askers).toHaveLength(4 + 256);
    finish();
    await settle();
    port.post(list(999));
    await settle();
    expect(answers.at(-1)).toMatchObject({ type: 'response', id: 999 });
  });

  it('stops what is taken back, and everything when the client goes', async () => {
    const { port, askers, answers } = open();
    for (const id of [1, 2, 3]) port.post(add(id, 1));
    port.post({ type: 'cancel', id: 2 });
    await settle();
    expect(askers.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
    expect(answers).toEqual([
      { type: 'failure', id: 2, error: expect.objectContaining({ code: 'cancelled' }) as unknown },
    ]);
    port.close();
    await settle();
    expect(askers.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it('does not believe what a request says of whom it is for', async () => {
    const { port, askers } = open({ client: 7 });
    port.post({ ...add(1, 1), client: 3 });
    await settle();
    expect(askers[0]!.client).toBe(7);
  });

  it('is not ended by a message that is as deep as a frame can be', async () => {
    const [mailbox, answers] = [new Mailbox(), [] as unknown[]];
    const port = portFrom(mailbox, { post: (answer) => void answers.push(answer), close: () => undefined });
    // What a handler gets has nothing in it that the operation does not have.
    serve(port, { 'jobs.list': () => [], 'models.decode': ({ z }) => z as never });
    // As it comes out of a frame, whose JSON is read without recursion.
    const input = JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)) as unknown;
    mailbox.deliver({ type: 'request', id: 1, operation: 'jobs.list', input });
    const z = { shape: [1, 1], dtype: 'f32', data: new Float32Array(1), more: input };
    mailbox.deliver({
      type: 'request',
      id: 2,
      operation: 'models.decode',
      input: { run: 'vae', z, more: input },
    });
    await settle();
    expect(answers).toEqual([
      { type: 'response', id: 1, output: [] },
      { type: 'response', id: 2, output: { shape: [1, 1], dtype: 'f32', data: new Float32Array(1) } },
    ]);
  });
});

describe('a server of a host', () => {
  it('takes as much as the host asks for, and does it for the client that it names', async () => {
    const { port, askers, answers } = open({ isHost: true });
    for (let id = 0; id < 1000; id++) port.post({ ...add(id, 300_000), client: id % 3 });
    await settle();
    expect(askers).toHaveLength(1000);
    expect(askers[5]!.client).toBe(2);
    expect(answers).toEqual([]);
  });
});
