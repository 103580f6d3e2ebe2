import { createClient, type Client } from '../../src/contract/client.ts';
import type { UnravelError } from '../../src/contract/errors.ts';
import { isEnd, type Job } from '../../src/contract/job.ts';
import type { Answer } from '../../src/contract/messages.ts';
import type { Port } from '../../src/contract/port.ts';
import { tensor } from '../../src/contract/tensor.ts';

/**
 * What holds for every door: cases that speak to a host over a port, whatever the port is made of. They import no
 * test runner, so that they can also run inside a page. The host must have a run, which any workspace has: the
 * starter's.
 */
export interface ConformanceCase {
  readonly name: string;
  /** Set where two clients of one host are needed: a process's own channel has one. */
  readonly takesTwo?: true;
  /**
   * @param open - connects anew
   * @throws Error that says what does not hold
   */
  run(open: () => Promise<Port>): Promise<void>;
}

function check(condition: boolean, what: string, found?: unknown): asserts condition {
  if (!condition) throw new Error(`${what}; found ${JSON.stringify(found)}`);
}

async function refusal(answer: Promise<unknown>): Promise<UnravelError> {
  return answer.then(
    (output: unknown) => {
      throw new Error(`It was answered: ${JSON.stringify(output)}`);
    },
    (error: unknown) => error as UnravelError,
  );
}

/** The answers to raw messages, until `count` have come. */
function answers(port: Port, count: number): Promise<Answer[]> {
  return new Promise((resolve) => {
    const heard: Answer[] = [];
    port.onMessage((message) => {
      const answer = message as Answer;
      if (answer.type !== 'event' && heard.push(answer) === count) resolve(heard);
    });
  });
}

function request(id: unknown, operation: unknown, input: unknown = {}): object {
  return { type: 'request', id, operation, input };
}

async function aRun(client: Client): Promise<string> {
  const [run] = await client.request('runs.list', {});
  check(run !== undefined, 'there is a run');
  return run.id;
}

/** Ends when a job of a client has ended, with everything that was heard of it. */
function jobEnd(client: Client, isIt: (job: Job) => boolean): Promise<Job[]> {
  return new Promise((resolve) => {
    const heard: Job[] = [];
    client.on('job', (job) => {
      if (!isIt(job)) return;
      heard.push(job);
      if (isEnd(job.state)) resolve(heard);
    });
  });
}

/** Waits until something has happened; whoever runs the cases ends one that waits for ever. */
async function until(hasHappened: () => boolean): Promise<void> {
  while (!hasHappened()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export const conformanceCases: readonly ConformanceCase[] = [
  {
    name: 'answers of host and engine come over one connection',
    async run(open) {
      const client = createClient(await open());
      const [app, runs, jobs] = await Promise.all([
        client.request('app.describe', {}),
        client.request('runs.list', {}),
        client.request('jobs.list', {}),
      ]);
      check(app.version !== '' && app.workspace !== '', 'the app describes itself', app);
      check(Array.isArray(runs) && Array.isArray(jobs), 'lists come as lists');
      client.close();
    },
  },
  {
    name: 'tensors cross both ways with their shape and every value',
    async run(open) {
      const client = createClient(await open());
      const run = await aRun(client);
      const z = await client.request('models.sample', { run, seed: 7 });
      check(
        z.data instanceof Float32Array && z.shape[0] === z.data.length,
        'a code is an array of floats',
        z.shape,
      );
      const again = await client.request('models.sample', { run, seed: 7 });
      check(z.data.join() === again.data.join(), 'the same seed gives the same code');
      const two = new Float32Array(2 * z.data.length);
      two.set(z.data);
      two.set(z.data, z.data.length);
      const images = await client.request('models.decode', {
        run,
        z: tensor('f32', [2, z.data.length], two),
      });
      const [count, height, width, channels] = images.shape;
      check(
        count === 2 && images.data.length === 2 * height! * width! * channels!,
        'two images',
        images.shape,
      );
      const half = images.data.length / 2;
      check(
        images.data.subarray(0, half).join() === images.data.subarray(half).join(),
        'equal codes give equal images',
      );
      client.close();
    },
  },
  {
    name: 'each of many requests gets its own answer, exactly once',
    async run(open) {
      const port = await open();
      const ids = Array.from({ length: 100 }, (_, i) => i * 3);
      const heard = answers(port, ids.length);
      for (const id of ids) port.post(request(id, id % 2 ? 'jobs.list' : 'runs.list'));
      const got = (await heard).flatMap((answer) => (answer.type === 'event' ? [] : [answer.id]));
      check(got.sort((a, b) => a - b).join() === ids.join(), 'one answer a request', got);
      port.close();
    },
  },
  {
    name: 'what the engine refuses arrives as the error that it is',
    async run(open) {
      const client = createClient(await open());
      const error = await refusal(client.request('models.sample', { run: 'no-such-run', seed: 1 }));
      check(error.code === 'not-found' && /[.!]$/.test(error.message), 'a sentence with a code', error);
      client.close();
    },
  },
  {
    name: 'unknown operations are refused, names of inherited fields too',
    async run(open) {
      const port = await open();
      const names = ['no.such', 'toString', '__proto__', 'constructor', ''];
      const heard = answers(port, names.length);
      names.forEach((name, i) => port.post(request(i, name)));
      for (const answer of await heard) {
        check(answer.type === 'failure' && answer.error.code === 'bad-input', 'a refusal', answer);
      }
      port.close();
    },
  },
  {
    name: "the engine's internal operations are not for clients",
    async run(open) {
      const port = await open();
      const heard = answers(port, 2);
      port.post(request(1, 'engine.describe'));
      port.post(request(2, 'engine.inspect', { paths: ['/etc'], crop: 'auto', seed: 1 }));
      for (const answer of await heard) {
        check(answer.type === 'failure' && answer.error.code === 'unsupported', 'a refusal', answer);
      }
      port.close();
    },
  },
  {
    name: 'wrong input is refused by whoever receives it, with the place of the fault',
    async run(open) {
      const port = await open();
      const wrong: [string, unknown, string][] = [
        ['datasets.images', { dataset: '../etc', indices: [] }, 'dataset'],
        ['datasets.images', { dataset: 'faces', indices: [-1] }, 'indices.0'],
        ['models.decode', { run: 'vae', z: { shape: [2, 2], dtype: 'f32', data: new Float32Array(3) } }, 'z'],
        ['models.decode', { run: 'vae', z: { shape: [1, 2], dtype: 'f32', data: [1, 2] } }, 'z'],
        ['jobs.start', { kind: 'import', source: '/etc/passwd', crop: 'auto' }, 'source'],
        ['jobs.start', { kind: 'reboot' }, 'kind'],
        ['runs.rename', { run: 'vae', name: 'x'.repeat(1000) }, 'name'],
        ['runs.list', null, ''],
      ];
      const heard = answers(port, wrong.length);
      wrong.forEach(([operation, input], i) => port.post(request(i, operation, input)));
      for (const answer of await heard) {
        check(answer.type === 'failure' && answer.error.code === 'bad-input', 'a refusal', answer);
        const [operation, , place] = wrong[answer.id]!;
        const { message } = answer.error;
        check(message.startsWith(operation) && message.includes(place), `it names ${place}`, message);
      }
      port.close();
    },
  },
  {
    name: 'grants that nobody has given are refused',
    async run(open) {
      const client = createClient(await open());
      const errors = await Promise.all([
        refusal(
          client.request('sources.inspect', { source: `source-${'0'.repeat(16)}`, crop: 'auto', seed: 1 }),
        ),
        refusal(client.request('files.read', { file: `file-${'0'.repeat(16)}` })),
        refusal(
          client.request('jobs.start', { kind: 'import', source: `source-${'1'.repeat(16)}`, crop: 'auto' }),
        ),
      ]);
      for (const { code } of errors) check(code === 'not-found', 'a refusal', code);
      client.close();
    },
  },
  {
    name: 'messages that are no requests change nothing',
    async run(open) {
      const port = await open();
      const heard = answers(port, 1);
      const odd = [
        null,
        17,
        'request',
        [],
        {},
        request(-1, 'jobs.list'),
        request(1.5, 'jobs.list'),
        request('1', 'jobs.list'),
        { id: 1, operation: 'jobs.list', input: {} },
        { type: 'cancel', id: 1 },
        { type: 'cancel', id: 'all' },
        { type: 'response', id: 1, output: {} },
        { type: 'event', event: 'job', payload: {} },
      ];
      for (const message of odd) port.post(message);
      port.post(request(99, 'jobs.list'));
      const [answer] = await heard;
      check(answer?.type === 'response' && answer.id === 99, 'only the request is answered', answer);
      port.close();
    },
  },
  {
    name: 'a request that is malformed, or has no input, is answered where it has a number',
    async run(open) {
      const port = await open();
      const malformed = [
        { type: 'request', id: 0, operation: 'jobs.list' },
        { type: 'request', id: 1 },
        request(2, 5),
        request(3, 'x'.repeat(10_000)),
        { ...request(4, 'jobs.list'), client: 'all' },
        { ...request(5, 'jobs.list'), input: undefined },
      ];
      const heard = answers(port, malformed.length);
      for (const message of malformed) port.post(message);
      const all = await heard;
      const ids = all.map((answer) => answer.type !== 'event' && answer.id).sort();
      check(ids.join() === '0,1,2,3,4,5', 'one answer each', ids);
      for (const answer of all) {
        check(answer.type === 'failure' && answer.error.code === 'bad-input', 'a refusal', answer);
      }
      port.close();
    },
  },
  {
    name: 'a flood is answered, every request of it, if only by a refusal',
    takesTwo: true,
    async run(open) {
      const port = await open();
      const count = 2000;
      const heard = answers(port, count);
      for (let id = 0; id < count; id++) port.post(request(id, 'runs.list'));
      const all = await heard;
      check(
        new Set(all.map((answer) => answer.type !== 'event' && answer.id)).size === count,
        'one answer each',
      );
      const refused = all.filter((answer) => answer.type === 'failure');
      check(
        refused.every(({ error }) => error.code === 'conflict'),
        'no other failures',
      );
      const other = createClient(await open());
      await other.request('jobs.list', {});
      other.close();
      port.close();
    },
  },
  {
    name: 'a job is followed to its one end, by every client',
    takesTwo: true,
    async run(open) {
      const [asking, watching] = [createClient(await open()), createClient(await open())];
      const name = `conformance ${Math.random().toString(36).slice(2)}`;
      const isIt = ({ request: asked }: Job): boolean => asked.kind === 'sample-data' && asked.name === name;
      let changes = 0;
      watching.on('datasets.changed', () => (changes += 1));
      const both = Promise.all([jobEnd(asking, isIt), jobEnd(watching, isIt)]);
      const job = await asking.request('jobs.start', {
        kind: 'sample-data',
        what: 'faces',
        count: 8,
        seed: 1,
        name,
      });
      const heard = await both;
      await until(() => changes > 0);
      // What the host had sent before its answer has come by then.
      await Promise.all([asking.request('jobs.list', {}), watching.request('jobs.list', {})]);
      for (const news of heard) {
        check(news.filter(({ state }) => isEnd(state)).length === 1, 'one end', news);
        check(news.at(-1)!.state === 'done' && news.at(-1)!.id === job.id, 'it is done', news.at(-1));
      }
      check(changes === 1, 'the list of data sets has changed once', changes);
      const { dataset } = heard[0].at(-1)!.result!;
      await asking.request('datasets.remove', { dataset: dataset! });
      await asking.request('jobs.dismiss', { job: job.id });
      await until(() => changes > 1);
      await watching.request('jobs.list', {});
      check((changes as number) === 2, 'and once more when it was removed', changes);
      check(!(await watching.request('jobs.list', {})).some(({ id }) => id === job.id), 'it is off the list');
      await asking.request('datasets.restore', { dataset: dataset! });
      await until(() => changes > 2);
      await asking.request('datasets.remove', { dataset: dataset! });
      await until(() => changes > 3);
      asking.close();
      watching.close();
    },
  },
  {
    name: 'what a window shows is recalled by the next',
    async run(open) {
      const client = createClient(await open());
      const before = await client.request('app.recall', {});
      const pinned = { 'faces-1': 7 };
      const colouring = { 'faces-1': { kind: 'column', column: 'Smiling' } } as const;
      // Where there is a window beside this client, it keeps what it shows itself.
      const isKept = async (): Promise<boolean> => {
        await client.request('app.remember', { ...before, view: 'measure', pinned, colouring });
        const after = await client.request('app.recall', {});
        return after.view === 'measure' && after.pinned['faces-1'] === 7;
      };
      while (!(await isKept()));
      await client.request('app.remember', before);
      client.close();
    },
  },
  {
    name: 'a client that closes is told so, and others are not',
    takesTwo: true,
    async run(open) {
      const [leaving, staying] = [createClient(await open()), createClient(await open())];
      await leaving.request('jobs.list', {});
      let ends = 0;
      leaving.onClose(() => (ends += 1));
      leaving.close();
      await until(() => ends > 0);
      const error = await refusal(leaving.request('jobs.list', {}));
      check(error.code === 'disconnected' && ends === 1, 'it knows', [error.code, ends]);
      await staying.request('jobs.list', {});
      staying.close();
    },
  },
];
