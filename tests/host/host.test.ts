import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from '../../src/contract/client.ts';
import type { Job, JobOrder } from '../../src/contract/job.ts';
import { portPair } from '../../src/contract/port.ts';
import { Host, type HostOptions } from '../../src/host/host.ts';
import type { Platform } from '../../src/host/platform.ts';
import { LOCK_FILE } from '../../src/system/lock.ts';
import { answeringEngine, FakeProcesses, type FakeProcess } from './fake-processes.ts';
import { aRun, recipe, smallConfig } from './samples.ts';
import { eventually } from '../fixtures/eventually.ts';

let folder: string;
let workspace: string;
let processes: FakeProcesses;
let hosts: Host[];
/** Paths that the engine was asked to look at. */
let inspected: string[][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-host-'));
  workspace = join(folder, 'workspace');
  processes = new FakeProcesses();
  processes.onStart = answeringEngine({
    'runs.list': () => [aRun('vae')],
    'runs.rename': () => aRun('vae'),
    'runs.remove': () => ({}),
    'datasets.remove': () => ({}),
    'engine.inspect': ({ paths }: { paths: string[] }) => {
      inspected.push(paths);
      return 'not an inspection';
    },
  });
  hosts = [];
  inspected = [];
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close(20)));
  rmSync(folder, { recursive: true, force: true });
});

async function startHost(options: Partial<HostOptions> = {}): Promise<Host> {
  const host = await Host.start({
    startProcess: processes.start,
    workspace,
    userFolder: join(folder, 'user'),
    door: 'browser',
    version: '1.2.3',
    ...options,
  });
  hosts.push(host);
  return host;
}

function connect(host: Host): Client {
  const [near, far] = portPair();
  host.connect(far);
  return createClient(near);
}

async function open(options: Partial<HostOptions> = {}): Promise<Client> {
  return connect(await startHost(options));
}

function desktop(answers: Partial<Platform> = {}): {
  door: 'electron';
  platform: Platform;
  revealed: string[];
} {
  const revealed: string[] = [];
  const platform: Platform = {
    chooseSource: () => Promise.resolve(null),
    chooseDestination: () => Promise.resolve(null),
    reveal: (path) => void revealed.push(path),
    ...answers,
  };
  return { door: 'electron', platform, revealed };
}

const orderOf = (process: FakeProcess): JobOrder => {
  const [command] = process.commands;
  if (command?.type !== 'start') throw new Error('It was told nothing.');
  return command.order;
};

/** The order of a job of the client's, once its process has it. */
async function nextOrder(count = 1): Promise<{ process: FakeProcess; order: JobOrder }> {
  const started = await processes.until('job', count);
  const process = started.at(-1)!;
  await eventually(() => expect(process.commands).not.toHaveLength(0));
  return { process, order: orderOf(process) };
}

function jobState(client: Client, state: Job['state']): Promise<Job> {
  return new Promise((resolve) => {
    client.on('job', (job) => {
      if (job.state === state) resolve(job);
    });
  });
}

describe('a host', () => {
  it('describes itself', async () => {
    const client = await open();
    expect(await client.request('app.describe', {})).toMatchObject({
      version: '1.2.3',
      door: 'browser',
      platform: process.platform,
      workspace,
      device: { kind: 'cpu', label: 'CPU, 2 cores' },
    });
  });

  it('reports why the engine did not start, instead of not answering', async () => {
    processes.onStart = (process) => void setTimeout(() => process.exit(1), 1);
    const client = await open();
    const heard = new Promise((resolve) => {
      client.on('engine', ({ state, error }) => {
        if (state === 'failed') resolve(error);
      });
    });
    expect(await client.request('app.describe', {})).toMatchObject({
      device: { kind: 'none', whyNotGpu: expect.stringContaining('install it again') as string },
    });
    expect(await heard).toMatchObject({
      code: 'native',
      message: expect.stringContaining('code 1') as string,
      hint: expect.stringContaining('install it again') as string,
      remedy: 'doctor',
    });
    await expect(client.request('runs.list', {})).rejects.toMatchObject({ code: 'native' });
  });

  it('sends all clients the changes that one has made', async () => {
    const host = await startHost();
    const [one, other] = [connect(host), connect(host)];
    const heard: string[] = [];
    for (const name of ['datasets.changed', 'runs.changed'] as const) other.on(name, () => heard.push(name));
    await one.request('runs.rename', { run: 'vae', name: 'better' });
    await one.request('runs.remove', { run: 'vae' });
    await one.request('datasets.remove', { dataset: 'faces' });
    await eventually(() => expect(heard).toEqual(['runs.changed', 'runs.changed', 'datasets.changed']));
  });

  it('gives its jobs titles with the names of data sets and runs', async () => {
    const client = await open();
    const job = await client.request('jobs.start', { kind: 'encode', run: 'vae', dataset: 'gone' });
    expect(job.title).toBe('Encoding gone with The run vae');
    const training = await client.request('jobs.start', {
      kind: 'train',
      dataset: 'gone',
      config: smallConfig,
    });
    expect(training.title).toBe('Training VAE on gone');
  });

  it('shows sources that were opened with it to the first client that connects', async () => {
    const host = await startHost();
    host.open([folder]);
    const client = connect(host);
    const opened = new Promise((resolve) => client.on('opened', resolve));
    await client.request('app.describe', {});
    expect(await opened).toMatchObject({
      name: basename(folder),
      source: expect.stringMatching(/^source-/) as string,
    });
  });

  it('that could not start releases the workspace', async () => {
    const startProcess = (): never => {
      throw new Error('There are too many processes.');
    };
    await expect(startHost({ startProcess })).rejects.toThrow('too many processes');
    await startHost();
  });

  it('reports earlier errors to the first window, and to the program that started it', async () => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'jobs.json'), 'not a list');
    const troubles: unknown[] = [];
    const client = await open({ onTrouble: (error) => void troubles.push(error) });
    const trouble = new Promise((resolve) => client.on('trouble', resolve));
    await client.request('app.describe', {});
    const path = join(workspace, 'jobs.unreadable-1.json');
    expect(await trouble).toMatchObject({
      code: 'bad-input',
      path,
      message: expect.stringContaining(path) as string,
    });
    expect(troubles).toHaveLength(1);
    expect(readFileSync(path, 'utf8')).toBe('not a list');
  });

  it('holds restored jobs that use files, and starts them when a client confirms', async () => {
    const host = await startHost();
    const client = connect(host);
    for (let i = 0; i < 2; i++)
      await client.request('jobs.start', { kind: 'sample-data', what: 'faces', seed: i });
    const { source } = await client.request('sources.open', { path: folder });
    const { id } = await client.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    const upload = await client.request('sources.upload', { name: 'faces' });
    await client.request('jobs.start', { kind: 'import', source: upload.source, crop: 'auto' });
    await host.close(1);
    const before = processes.of('job').length;
    const next = await open();
    const [held, gone] = await next.request('jobs.list', {});
    expect(held).toMatchObject({ id, state: 'held', held: { reads: [folder], writes: [] } });
    expect(gone).toMatchObject({ state: 'failed' });
    expect(processes.of('job')).toHaveLength(before);
    await next.request('jobs.confirm', { job: id });
    const { order } = await nextOrder(before + 1);
    expect(order).toEqual({ kind: 'import', paths: [folder], crop: 'auto' });
  });

  it('that is closed ends its processes, disconnects clients and leaves no files behind', async () => {
    const host = await startHost();
    const client = connect(host);
    const gone = new Promise<void>((resolve) => client.onClose(resolve));
    const { source } = await client.request('sources.upload', { name: 'faces' });
    await client.request('sources.add', { source, files: [{ path: 'a.png', bytes: new Uint8Array(3) }] });
    await client.request('jobs.start', { kind: 'sample-data', what: 'faces', seed: 1 });
    await host.close(20);
    await gone;
    expect(processes.started.every(({ isKilled }) => isKilled)).toBe(true);
    expect(readdirSync(join(workspace, '.temporary'))).toEqual([]);
    await expect(client.request('jobs.list', {})).rejects.toMatchObject({ code: 'disconnected' });
    const late = connect(host);
    await expect(late.request('jobs.list', {})).rejects.toMatchObject({ code: 'disconnected' });
  });
});

describe('a source', () => {
  it('is named by a grant to clients, and by its path to the engine and to jobs', async () => {
    const client = await open();
    const source = await client.request('sources.open', { path: folder });
    expect(source).toEqual({
      name: basename(folder),
      source: expect.stringMatching(/^source-[0-9a-f]{16}$/) as string,
    });
    await client
      .request('sources.inspect', { source: source.source, crop: 'auto', seed: 1 })
      .catch(() => undefined);
    expect(inspected).toEqual([[folder]]);
    const job = await client.request('jobs.start', { kind: 'import', source: source.source, crop: 'square' });
    expect(job.title).toBe(`Importing ${basename(folder)}`);
    expect((await nextOrder()).order).toEqual({ kind: 'import', paths: [folder], crop: 'square' });
  });

  it('that a browser opens by its path must exist, and its path must be absolute', async () => {
    const client = await open();
    await expect(client.request('sources.open', { path: 'faces' })).rejects.toMatchObject({
      code: 'bad-input',
    });
    await expect(client.request('sources.open', { path: join(folder, 'no') })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is not forgotten when another client opens many', async () => {
    const host = await startHost();
    const [own, greedy] = [connect(host), connect(host)];
    const { source } = await own.request('sources.open', { path: folder });
    for (let i = 0; i < 1100; i++) await greedy.request('sources.open', { path: folder });
    await own.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    expect((await nextOrder()).order).toMatchObject({ kind: 'import', paths: [folder] });
  });

  it('is chosen on a desktop, where paths and uploads are refused', async () => {
    const answers = [null, [folder], [join(folder, 'a.png'), join(folder, 'b.png')]];
    const client = await open(desktop({ chooseSource: () => Promise.resolve(answers.shift()!) }));
    expect(await client.request('sources.choose', { what: 'folder' })).toBeNull();
    expect(await client.request('sources.choose', { what: 'folder' })).toMatchObject({
      name: basename(folder),
    });
    expect(await client.request('sources.choose', { what: 'files' })).toMatchObject({ name: '2 files' });
    await expect(client.request('sources.open', { path: folder })).rejects.toMatchObject({
      code: 'unsupported',
    });
    await expect(client.request('sources.upload', { name: 'x' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });
});

describe('an upload', () => {
  const upload = async (client: Client, name = 'faces'): Promise<string> =>
    (await client.request('sources.upload', { name })).source;
  const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  const importedFrom = async (client: Client, source: string, count = 1): Promise<string> => {
    await client.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    const { order } = await nextOrder(count);
    if (order.kind !== 'import') throw new Error('It imports.');
    return order.paths[0]!;
  };

  it('becomes a folder that keeps the files’ relative paths', async () => {
    const client = await open();
    const source = await upload(client, 'My faces / 1');
    await client.request('sources.add', {
      source,
      files: [
        { path: 'a/1.png', bytes: bytes('one') },
        { path: 'b/2.png', bytes: bytes('two') },
      ],
    });
    const path = await importedFrom(client, source);
    expect(path.startsWith(workspace)).toBe(true);
    expect(basename(path)).toBe('My faces  1');
    expect(readFileSync(join(path, 'b/2.png'), 'utf8')).toBe('two');
  });

  it('of a single file is that file', async () => {
    const client = await open();
    const source = await upload(client, 'celeba.zip');
    await client.request('sources.add', { source, files: [{ path: 'celeba.zip', bytes: bytes('PK') }] });
    expect(basename(await importedFrom(client, source))).toBe('celeba.zip');
  });

  it('accepts a large file in pieces, one after the other', async () => {
    const client = await open();
    const source = await upload(client, 'large.zip');
    const add = (text: string, offset?: number): Promise<object> => {
      const file = { path: 'large.zip', bytes: bytes(text), ...(offset === undefined ? {} : { offset }) };
      return client.request('sources.add', { source, files: [file] });
    };
    await Promise.all([add('abc'), add('def', 3), add('g', 6)]);
    await expect(add('x', 9)).rejects.toMatchObject({ code: 'bad-input' });
    await expect(add('x', 3)).rejects.toMatchObject({ code: 'bad-input' });
    expect(readFileSync(await importedFrom(client, source), 'utf8')).toBe('abcdefg');
  });

  it.each([
    '../x',
    'a/../../x',
    '/etc/x',
    'a//b',
    './a',
    'a/.',
    'C:/x',
    'a\\b',
    '..',
    'a\0b',
    `${'x'.repeat(300)}.png`,
  ])('does not take %j', async (path) => {
    const client = await open();
    const source = await upload(client);
    await expect(
      client.request('sources.add', { source, files: [{ path, bytes: bytes('x') }] }),
    ).rejects.toMatchObject({ code: 'bad-input' });
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
    expect(files).toEqual([LOCK_FILE]);
  });

  it('fails with a clear message when it is too large, has too many files, or fills the disk', async () => {
    const limited = async (
      uploadLimits: HostOptions['uploadLimits'],
      files: number,
    ): Promise<Promise<unknown>> => {
      const client = await open({
        uploadLimits: uploadLimits!,
        workspace: mkdtempSync(join(folder, 'limited-')),
      });
      const source = await upload(client);
      const added = Array.from({ length: files }, (_, i) => ({
        path: `${i}.png`,
        bytes: new Uint8Array(100),
      }));
      return client.request('sources.add', { source, files: added }).then(
        () => 'taken',
        (error: unknown) => error,
      );
    };
    expect(await limited({ bytes: 250 }, 2)).toBe('taken');
    expect(await limited({ bytes: 250 }, 3)).toMatchObject({
      code: 'bad-input',
      hint: expect.any(String) as string,
    });
    expect(await limited({ files: 2 }, 3)).toMatchObject({ code: 'bad-input' });
    expect(await limited({ keepFree: Number.MAX_SAFE_INTEGER }, 1)).toMatchObject({ code: 'disk-full' });
  });

  it('that was not begun accepts no files', async () => {
    const client = await open();
    const { source } = await client.request('sources.open', { path: folder });
    await expect(client.request('sources.add', { source, files: [] })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('an export', () => {
  it('without a destination is downloaded by its grant', async () => {
    const client = await open();
    const done = jobState(client, 'done');
    await client.request('jobs.start', { kind: 'export', recipe });
    const { process, order } = await nextOrder();
    if (order.kind !== 'export') throw new Error('It exports.');
    expect(basename(order.path)).toBe('vae-interpolation.gif');
    writeFileSync(order.path, 'GIF89a');
    process.report({ type: 'done', result: {} });
    const { result } = await done;
    expect(result?.fileName).toBe('vae-interpolation.gif');
    const read = await client.request('files.read', { file: result!.file! });
    expect(new TextDecoder().decode(read)).toBe('GIF89a');
    await expect(client.request('files.reveal', { file: result!.file! })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('of figures is one file of the requested kind', async () => {
    const client = await open();
    const done = jobState(client, 'done');
    const { title } = await client.request('jobs.start', {
      ...{ kind: 'figures', runs: ['vae', 'ae'], dataset: 'faces', seed: 1, format: 'zip' },
    });
    expect(title).toBe('Drawing figures of The run vae, ae');
    const { process, order } = await nextOrder();
    if (order.kind !== 'figures') throw new Error('It draws figures.');
    expect(order).not.toHaveProperty('destination');
    writeFileSync(order.path, 'PK');
    process.report({ type: 'done', result: {} });
    const { result } = await done;
    expect(result?.fileName).toBe('figures-faces.zip');
    const read = await client.request('files.read', { file: result!.file! });
    expect(new TextDecoder().decode(read)).toBe('PK');
  });

  it('on a desktop is written where the person chose, and is shown there', async () => {
    const path = join(folder, 'chosen.gif');
    const names: string[] = [];
    const system = desktop({
      chooseDestination: (name) => {
        names.push(name);
        return Promise.resolve(names.length === 1 ? null : path);
      },
    });
    const client = await open(system);
    expect(await client.request('files.choose', { suggestedName: 'a.gif' })).toBeNull();
    const chosen = await client.request('files.choose', { suggestedName: 'a.gif' });
    expect(chosen).toMatchObject({ name: 'chosen.gif' });
    const done = jobState(client, 'done');
    await client.request('jobs.start', { kind: 'export', recipe, destination: chosen!.destination });
    const { process, order } = await nextOrder();
    expect(order).toMatchObject({ path });
    process.report({ type: 'done', result: {} });
    const file = (await done).result!.file!;
    await client.request('files.reveal', { file });
    expect(system.revealed).toEqual([path]);
    // What lies where a person wanted it is theirs: no page reads it back.
    await expect(client.request('files.read', { file })).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('that a window writes itself is written completely where the person chose, and only there', async () => {
    const path = join(folder, 'metrics.csv');
    const system = desktop({ chooseDestination: () => Promise.resolve(path) });
    const client = await open(system);
    const chosen = await client.request('files.choose', { suggestedName: 'metrics.csv' });
    const bytes = new TextEncoder().encode('metric,value\r\nMIG,0.1\r\n');
    const { destination } = chosen!;
    const saved = await client.request('files.write', { destination, bytes });
    expect(saved.name).toBe('metrics.csv');
    expect(readFileSync(path, 'utf8')).toBe('metric,value\r\nMIG,0.1\r\n');
    await client.request('files.reveal', { file: saved.file });
    expect(system.revealed).toEqual([path]);
    const unknown = { destination: 'file-0000000000000000', bytes };
    await expect(client.request('files.write', unknown)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is not written by a browser’s page, which downloads files', async () => {
    const client = await open();
    const request = { destination: 'file-0000000000000000', bytes: new Uint8Array(1) };
    await expect(client.request('files.write', request)).rejects.toMatchObject({ code: 'unsupported' });
  });
});
