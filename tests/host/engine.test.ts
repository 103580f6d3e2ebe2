import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventPayload } from '../../src/contract/events.ts';
import type { Asker } from '../../src/contract/serve.ts';
import { Engine } from '../../src/host/engine.ts';
import { FakeProcesses } from './fake-processes.ts';

let processes: FakeProcesses;
let states: EventPayload<'engine'>[];
let now: number;
let engine: Engine;

beforeEach(() => {
  vi.useFakeTimers();
  processes = new FakeProcesses();
  states = [];
  now = 0;
  engine = new Engine({
    startProcess: processes.start,
    workspace: '/w',
    emit: (event, payload) => {
      if (event === 'engine') states.push(payload as EventPayload<'engine'>);
    },
    now: () => now,
  });
});
afterEach(async () => {
  await engine.close();
  vi.useRealTimers();
});

/** Lets messages arrive. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
/** Starts the engine and lets it come up. */
const start = async (): Promise<void> => {
  engine.start();
  await greet();
};
/** Lets the process answer the question that each is asked first. */
const greet = async (): Promise<void> => {
  await settle();
  last().answer(asked('engine.describe')[0]!, {});
  await settle();
};
/** Lets the wait before a new start pass. */
const restart = async (): Promise<void> => {
  now += 10_000;
  await vi.advanceTimersByTimeAsync(10_000);
};
const last = (): (typeof processes.started)[number] => processes.started.at(-1)!;
const asked = (operation: string): number[] =>
  last()
    .requests.filter((request) => request.operation === operation)
    .map(({ id }) => id);
const images = (index: number): Promise<unknown> =>
  engine.request('datasets.images', { dataset: 'faces', indices: [index] });

describe('an engine', () => {
  it('starts with the workspace, and is sent requests once it has answered', async () => {
    engine.start();
    expect(processes.started.map(({ kind, args }) => [kind, ...args])).toEqual([
      ['engine', '--workspace', '/w'],
    ]);
    const answer = images(1);
    await settle();
    expect(engine.state.state).toBe('starting');
    expect(last().requests.map(({ operation }) => operation)).toEqual(['engine.describe']);
    await greet();
    expect(states).toEqual([{ state: 'ready' }]);
    last().answer(asked('datasets.images')[0]!, 'it');
    expect(await answer).toBe('it');
  });

  it('is ready after its first answer, also where that is an error', async () => {
    engine.start();
    await settle();
    last().fail(asked('engine.describe')[0]!, { code: 'native', message: 'No TensorFlow.' });
    await settle();
    expect(engine.state.state).toBe('ready');
  });

  it('matches answers to requests in any order, and turns failures into errors', async () => {
    await start();
    const both = Promise.all([images(1), images(2)]);
    const removed = engine.request('runs.remove', { run: 'gone' });
    const refused = expect(removed).rejects.toMatchObject({
      code: 'not-found',
      message: 'No.',
      hint: 'Yes.',
    });
    await settle();
    const [first, second] = asked('datasets.images');
    last().answer(second!, 'two');
    last().answer(first!, 'one');
    last().fail(asked('runs.remove')[0]!, { code: 'not-found', message: 'No.', hint: 'Yes.' });
    expect(await both).toEqual(['one', 'two']);
    await refused;
  });

  it('ignores malformed answers and answers to unknown requests', async () => {
    await start();
    const answer = images(1);
    await settle();
    for (const odd of [null, 7, { type: 'response' }, { type: 'response', id: 999, output: 1 }])
      last().say(odd);
    last().answer(asked('datasets.images')[0]!, 'it');
    expect(await answer).toBe('it');
  });
});

describe('a client of the engine', () => {
  const asker = (client: number): { readonly asker: Asker; readonly leave: () => void } => {
    const stop = new AbortController();
    return { asker: { client, signal: stop.signal }, leave: () => stop.abort() };
  };
  const ask = (from: Asker, index: number): Promise<unknown> =>
    engine.request('datasets.images', { dataset: 'faces', indices: [index] }, from);
  const cancels = (): unknown[] =>
    last().heard.filter((message) => (message as { type: string }).type === 'cancel');

  it('is identified to the engine, and has a limited number of requests there', async () => {
    await start();
    const [greedy, other] = [asker(1), asker(2)];
    for (let i = 0; i < 100; i++) void ask(greedy.asker, i).catch(() => undefined);
    const answer = ask(other.asker, 500);
    await settle();
    const sent = last().requests.filter(({ operation }) => operation === 'datasets.images');
    expect(sent.filter(({ client }) => client === 1)).toHaveLength(8);
    const own = sent.find(({ client }) => client === 2)!;
    last().answer(own.id, 'it');
    expect(await answer).toBe('it');
    // Each answer lets the next one in.
    last().answer(sent[0]!.id, 'it');
    await settle();
    expect(asked('datasets.images')).toHaveLength(10);
  });

  it('that disconnects has its requests cancelled, those that were sent to the engine too', async () => {
    await start();
    const { asker: from, leave } = asker(1);
    const answers = Promise.allSettled(Array.from({ length: 20 }, (_, i) => ask(from, i)));
    await settle();
    const sent = asked('datasets.images');
    leave();
    expect(await answers).toEqual(
      Array.from(
        { length: 20 },
        () =>
          expect.objectContaining({
            reason: expect.objectContaining({ code: 'cancelled' }) as unknown,
          }) as unknown,
      ),
    );
    await settle();
    expect(cancels()).toEqual(sent.map((id) => ({ type: 'cancel', id })));
    // What the engine still works at keeps its place until it says that it has stopped.
    const later = asker(1);
    const answer = ask(later.asker, 100);
    await settle();
    expect(asked('datasets.images')).toHaveLength(sent.length);
    for (const id of sent) last().fail(id, { code: 'cancelled', message: 'Stopped.' });
    await settle();
    last().answer(asked('datasets.images').at(-1)!, 'it');
    expect(await answer).toBe('it');
    await expect(ask(from, 1)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('that disconnects does not cancel requests that change something', async () => {
    await start();
    const { asker: from, leave } = asker(1);
    const removed = engine.request('runs.remove', { run: 'vae' }, from);
    await settle();
    leave();
    await settle();
    expect(cancels()).toEqual([]);
    last().answer(asked('runs.remove')[0]!, {});
    expect(await removed).toEqual({});
  });

  it('that has disconnected has no request sent again after a crash', async () => {
    await start();
    const { asker: from, leave } = asker(1);
    const answer = ask(from, 1).catch((error: unknown) => error);
    await settle();
    leave();
    await answer;
    last().exit(null, 'SIGSEGV');
    await restart();
    await greet();
    expect(asked('datasets.images')).toEqual([]);
    void ask(asker(2).asker, 2).catch(() => undefined);
    await settle();
    expect(asked('datasets.images')).toHaveLength(1);
  });
});

describe('an engine that crashes', () => {
  it('is started again, and unanswered requests are sent again', async () => {
    await start();
    const requests = [images(1), images(2)];
    await settle();
    last().exit(null, 'SIGSEGV');
    expect(states.at(-1)).toEqual({
      state: 'restarting',
      error: { code: 'native', message: expect.stringContaining('SIGSEGV') as string },
    });
    const later = engine.request('runs.list', {});
    await restart();
    expect(processes.started).toHaveLength(2);
    await greet();
    expect(states.at(-1)).toEqual({ state: 'ready' });
    last().answer(asked('runs.list')[0]!, []);
    // Those that were under way at the crash come back one by one.
    expect(asked('datasets.images')).toHaveLength(1);
    last().answer(asked('datasets.images')[0]!, 'one');
    await settle();
    last().answer(asked('datasets.images')[1]!, 'two');
    expect(await Promise.all([...requests, later])).toEqual(['one', 'two', []]);
  });

  it('is not sent a removal or renaming again, which may be done already', async () => {
    await start();
    const requests = [
      engine.request('datasets.remove', { dataset: 'faces' }),
      engine.request('runs.remove', { run: 'vae' }),
      engine.request('runs.rename', { run: 'vae', name: 'better' }),
    ];
    const outcomes = Promise.allSettled(requests);
    await settle();
    last().exit(1);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'disconnected' } });
    }
    await restart();
    await greet();
    expect(last().requests.map(({ operation }) => operation)).toEqual(['engine.describe']);
  });

  it('is sent a removal that had not been sent before the crash', async () => {
    await start();
    last().exit(1);
    const removed = engine.request('runs.remove', { run: 'vae' });
    await restart();
    await greet();
    last().answer(asked('runs.remove')[0]!, {});
    expect(await removed).toEqual({});
  });

  it('rejects the request that makes it crash, and answers the others', async () => {
    const deadly = 2;
    processes.onStart = (process) => {
      process.onMessage = (message) => {
        const { id, input } = message as { id: number; input: { indices?: number[] } };
        // It answers late, so that all are under way when it dies.
        if (input.indices?.[0] === deadly) setTimeout(() => process.exit(null, 'SIGSEGV'), 5);
        else setTimeout(() => process.answer(id, input.indices?.[0]), 10);
      };
    };
    engine.start();
    const outcomes = Promise.allSettled([1, deadly, 3, 4].map(images));
    for (let i = 0; i < 10; i++) await restart();
    expect(await outcomes).toMatchObject([
      { status: 'fulfilled', value: 1 },
      {
        status: 'rejected',
        reason: { code: 'native', message: expect.stringContaining('datasets.images') as string },
      },
      { status: 'fulfilled', value: 3 },
      { status: 'fulfilled', value: 4 },
    ]);
    expect(processes.started).toHaveLength(3);
  });

  it('is replaced on purpose any number of times, and the new process gets the requests that were not answered', async () => {
    await start();
    const answer = images(1);
    await settle();
    for (let i = 1; i <= 8; i++) {
      engine.restart();
      await settle();
      expect(processes.started).toHaveLength(i + 1);
      await greet();
      expect(asked('datasets.images')).toHaveLength(1);
    }
    last().answer(asked('datasets.images')[0]!, 'it');
    expect(await answer).toBe('it');
    expect(states.map(({ state, error }) => [state, error])).toEqual([
      ['ready', undefined],
      ...Array.from({ length: 8 }, () => [
        ['restarting', undefined],
        ['ready', undefined],
      ]).flat(),
    ]);
  });

  it('is replaced while it waits before a new start, and after it has failed', async () => {
    await start();
    last().exit(1);
    engine.restart();
    await greet();
    await restart();
    expect(processes.started).toHaveLength(2);
    for (let i = 0; i < 5; i++) {
      last().exit(1);
      await restart();
    }
    expect(engine.state.state).toBe('failed');
    engine.restart();
    await greet();
    expect(engine.state).toEqual({ state: 'ready' });
  });

  it('waits longer before each start, and has failed after five crashes within a minute', async () => {
    const starts: number[] = [];
    processes.onStart = (process) => {
      starts.push(Date.now());
      setTimeout(() => process.exit(134), 1);
    };
    engine.start();
    const answer = expect(images(1)).rejects.toMatchObject({
      code: 'native',
      message: expect.stringContaining('code 134') as string,
      remedy: 'doctor',
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await answer;
    expect(starts).toHaveLength(5);
    const waits = starts.slice(1).map((time, i) => time - starts[i]!);
    for (let i = 1; i < waits.length; i++) expect(waits[i]).toBeGreaterThan(waits[i - 1]!);
    expect(starts.at(-1)! - starts[0]!).toBeLessThan(10_000);
    expect(states.at(-1)).toMatchObject({
      state: 'failed',
      error: { code: 'native', message: expect.stringContaining('code 134') as string },
    });
    await expect(engine.request('runs.list', {})).rejects.toMatchObject({ code: 'native' });
    expect(starts).toHaveLength(5);
  });

  it('is started once more by a request some time after it has failed', async () => {
    processes.onStart = (process) => void setTimeout(() => process.exit(1), 1);
    engine.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.state.state).toBe('failed');
    processes.onStart = () => undefined;
    now += 20_000;
    const answer = images(1);
    await greet();
    last().answer(asked('datasets.images')[0]!, 'it');
    expect(await answer).toBe('it');
    expect(engine.state).toEqual({ state: 'ready' });
  });

  it('is killed and started again when it closes its channel', async () => {
    await start();
    last().closeChannel();
    await restart();
    expect(processes.started.map(({ isKilled }) => isKilled)).toEqual([true, false]);
  });
});

describe('an engine that is closed', () => {
  it('ends its process, rejects all requests, and is not started again', async () => {
    await start();
    const answer = expect(images(1)).rejects.toMatchObject({ code: 'disconnected' });
    await engine.close();
    await answer;
    expect(last().isKilled).toBe(true);
    await restart();
    expect(processes.started).toHaveLength(1);
    await expect(images(2)).rejects.toMatchObject({ code: 'disconnected' });
  });
});
