import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from '../../src/contract/client.ts';
import type { Job, JobOrder } from '../../src/contract/job.ts';
import { portPair } from '../../src/contract/port.ts';
import { Host } from '../../src/host/host.ts';
import { writeFileAtomic } from '../../src/system/atomic.ts';
import { LOCK_FILE } from '../../src/system/lock.ts';
import { answeringEngine, FakeProcesses, type FakeProcess } from './fake-processes.ts';
import { aRun, recipe } from './samples.ts';
import { eventually } from '../fixtures/eventually.ts';

const isRoot = process.getuid?.() === 0;
const hasModes = process.platform !== 'win32';
/** No process has this number: Linux counts to 4,194,304 at most. */
const DEAD = '99999999';

let folder: string;
let workspace: string;
let temporary: string;
let processes: FakeProcesses;
let hosts: Host[];
let troubles: unknown[];
let umask: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-temporary-'));
  workspace = join(folder, 'workspace');
  temporary = join(workspace, '.temporary');
  processes = new FakeProcesses();
  processes.onStart = answeringEngine({ 'runs.list': () => [aRun('vae')] });
  hosts = [];
  troubles = [];
  umask = process.umask(0o022);
});
afterEach(async () => {
  process.umask(umask);
  await Promise.all(hosts.map((host) => host.close(20)));
  rmSync(folder, { recursive: true, force: true });
  expect(troubles).toEqual([]);
});

async function startHost(): Promise<Host> {
  const host = await Host.start({
    startProcess: processes.start,
    workspace,
    door: 'browser',
    version: '1.2.3',
    onTrouble: (error) => troubles.push(error),
  });
  hosts.push(host);
  return host;
}

function connect(host: Host): { client: Client; leave: () => void } {
  const [near, far] = portPair();
  host.connect(far);
  return { client: createClient(near), leave: () => near.close() };
}

async function open(): Promise<Client> {
  return connect(await startHost()).client;
}

async function upload(client: Client, files = ['a/1.png', '2.png']): Promise<string> {
  const { source } = await client.request('sources.upload', { name: 'faces' });
  const bytes = new Uint8Array(3);
  await client.request('sources.add', { source, files: files.map((path) => ({ path, bytes })) });
  return source;
}

/** The process of a job that was started, and what it was told. */
async function started(count: number): Promise<{ process: FakeProcess; order: JobOrder; path: string }> {
  const process = (await processes.until('job', count)).at(-1)!;
  await eventually(() => expect(process.commands).not.toHaveLength(0));
  const [command] = process.commands;
  if (command?.type !== 'start') throw new Error('It was told nothing.');
  const { order } = command;
  const path = order.kind === 'import' ? order.paths[0]! : order.kind === 'export' ? order.path : '';
  return { process, order, path };
}

/** Everything below the temporary folder of the host, hosts' own folders aside. */
function kept(): string[] {
  return readdirSync(temporary).flatMap((host) => readdirSync(join(temporary, host)));
}
const untilNothingIsKept = (): Promise<unknown> => eventually(() => expect(kept()).toEqual([]));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);
/** Files and folders below a folder, and the folder, that others may do anything with. */
function openToOthers(path: string): string[] {
  const below = readdirSync(path, { recursive: true }).map((name) => join(path, name as string));
  return [path, ...below].filter((one) => (statSync(one).mode & 0o077) !== 0);
}

describe('an error about files that a browser has sent', () => {
  it('names them as the person knows them', async () => {
    const host = await startHost();
    const { client } = connect(host);
    const source = await upload(client, ['a.h5']);
    const jobs: Job[] = [];
    client.on('job', (job) => jobs.push(job));
    await client.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    const { process, path } = await started(1);
    expect(path).toContain(temporary);
    process.report({
      type: 'failed',
      error: {
        code: 'bad-input',
        message: `Could not read ${path}: it asks for ${path}/b.h5.`,
        path,
        hint: 'Save it again.',
      },
    });
    await eventually(() =>
      expect(jobs.at(-1)?.error).toEqual({
        code: 'bad-input',
        message: 'Could not read faces/a.h5: it asks for faces/a.h5/b.h5.',
        path: 'faces/a.h5',
        hint: 'Save it again.',
      }),
    );
  });
});

describe('a workspace whose .temporary is not a folder of this user', () => {
  it.each(['a link to a folder', 'a broken link', 'a file'])(
    'is refused with a clear message: %s',
    async (what) => {
      const target = join(folder, 'letters');
      mkdirSync(join(target, `${DEAD}-0123abcd`), { recursive: true });
      writeFileSync(join(target, 'letter.txt'), 'dear');
      mkdirSync(workspace);
      if (what === 'a file') writeFileSync(temporary, 'mine');
      else symlinkSync(what === 'a broken link' ? join(folder, 'none') : target, temporary);

      await expect(startHost()).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(temporary) as string,
        hint: expect.stringContaining('Remove it') as string,
      });
      expect(readdirSync(target).sort()).toEqual([`${DEAD}-0123abcd`, 'letter.txt']);
      expect(existsSync(join(folder, 'none'))).toBe(false);
      expect(processes.started).toEqual([]);

      // The refusal keeps nobody out: without what stood in the way the workspace opens.
      rmSync(temporary);
      await startHost();
    },
  );

  it.skipIf(!isRoot)(
    'is refused where it belongs to another user (only root can make one here)',
    async () => {
      mkdirSync(join(temporary, `${DEAD}-0123abcd`), { recursive: true });
      chownSync(temporary, 12345, 12345);
      await expect(startHost()).rejects.toMatchObject({
        message: expect.stringContaining('another user') as string,
      });
      expect(readdirSync(temporary)).toEqual([`${DEAD}-0123abcd`]);
    },
  );

  it('is refused at the next upload when it was replaced by a link while the host runs', async () => {
    const client = await open();
    mkdirSync(join(folder, 'letters'));
    symlinkSync(join(folder, 'letters'), temporary);
    await expect(client.request('sources.upload', { name: 'x' })).rejects.toMatchObject({ code: 'conflict' });
    expect(readdirSync(join(folder, 'letters'))).toEqual([]);
    rmSync(temporary);
  });
});

describe('what an earlier host left', () => {
  it('is removed if it has a host’s name, even if its process id is in use; other files stay', async () => {
    const target = join(folder, 'letters');
    mkdirSync(target);
    writeFileSync(join(target, 'letter.txt'), 'dear');
    mkdirSync(join(temporary, `${DEAD}-0123abcd`, 'upload'), { recursive: true });
    symlinkSync(target, join(temporary, `${DEAD}-0123abcd`, 'upload', 'link'));
    symlinkSync(target, join(temporary, `${DEAD}-ffffffff`));
    for (const name of ['photographs', DEAD, `${DEAD}-0123abcd.bak`, `${process.ppid}-0123abcd`])
      mkdirSync(join(temporary, name));
    await startHost();
    expect(readdirSync(temporary).sort()).toEqual(
      ['photographs', DEAD, `${DEAD}-0123abcd.bak`, `${DEAD}-ffffffff`].sort(),
    );
    expect(readFileSync(join(target, 'letter.txt'), 'utf8')).toBe('dear');
  });

  it('is removed also where it is a half-written list of jobs', async () => {
    mkdirSync(workspace);
    writeFileSync(join(workspace, `.jobs.json.${DEAD}.0123abcd.part`), '{');
    writeFileSync(join(workspace, '.notes.part'), 'mine');
    await startHost();
    expect(readdirSync(workspace).sort()).toEqual([LOCK_FILE, '.notes.part']);
  });
});

describe.skipIf(!hasModes).each([0o000, 0o022, 0o002])('with the umask %o', (mask) => {
  beforeEach(() => void process.umask(mask));

  it('only its owner may open what a host makes in a workspace', async () => {
    const client = await open();
    await upload(client);
    await client.request('jobs.start', { kind: 'export', recipe });
    const { path } = await started(1);
    // As the job's process does it.
    await writeFileAtomic(path, 'GIF89a');
    await eventually(() => expect(existsSync(join(workspace, 'jobs.json'))).toBe(true));
    expect(openToOthers(workspace)).toEqual([]);
    expect(readFileSync(path, 'utf8')).toBe('GIF89a');
    expect(modeOf(path)).toBe('600');
  });

  it('a file that a person saves elsewhere has the mode of the umask', async () => {
    await writeFileAtomic(join(folder, 'mine.gif'), 'GIF89a');
    expect(modeOf(join(folder, 'mine.gif'))).toBe((0o666 & ~mask).toString(8));
  });
});

describe.skipIf(!hasModes)('a workspace of an earlier version, open to others', () => {
  function makeOld(): void {
    for (const [store, id, info] of [
      ['datasets', 'faces-1', 'dataset.json'],
      ['runs', 'vae-1', 'run.json'],
    ] as const) {
      mkdirSync(join(workspace, store, id), { recursive: true });
      writeFileSync(join(workspace, store, id, info), '{}');
      mkdirSync(join(workspace, store, '.being-written'));
      for (const path of [join(workspace, store), join(workspace, store, id)]) chmodSync(path, 0o775);
    }
    mkdirSync(temporary);
    writeFileSync(join(workspace, 'jobs.json'), '{"version":1,"jobs":[]}');
    chmodSync(join(workspace, 'jobs.json'), 0o664);
    for (const path of [temporary, workspace]) chmodSync(path, 0o755);
  }

  it('is closed to them, except the workspace folder, which its owner may have made', async () => {
    makeOld();
    await startHost();
    for (const name of ['datasets', 'datasets/faces-1', 'runs', 'runs/vae-1', '.temporary']) {
      expect([name, modeOf(join(workspace, name))]).toEqual([name, '700']);
    }
    expect(modeOf(join(workspace, 'jobs.json'))).toBe('600');
    expect(modeOf(workspace)).toBe('755');
  });

  it('keeps the modes of files that are not Unravel’s', async () => {
    makeOld();
    mkdirSync(join(workspace, 'datasets/shared'));
    mkdirSync(join(workspace, 'notes'));
    chmodSync(join(workspace, 'datasets/shared'), 0o775);
    chmodSync(join(workspace, 'notes'), 0o775);
    await startHost();
    expect(modeOf(join(workspace, 'datasets'))).toBe('775');
    expect(modeOf(join(workspace, 'datasets/shared'))).toBe('775');
    expect(modeOf(join(workspace, 'notes'))).toBe('775');
    expect(modeOf(join(workspace, 'datasets/faces-1'))).toBe('700');
  });

  it('keeps the modes of the targets of links and hard links', async () => {
    const shared = join(folder, 'shared');
    mkdirSync(join(shared, 'faces-1'), { recursive: true });
    writeFileSync(join(shared, 'faces-1', 'dataset.json'), '{}');
    writeFileSync(join(shared, 'list.json'), '{"version":1,"jobs":[]}');
    chmodSync(join(shared, 'faces-1'), 0o775);
    chmodSync(shared, 0o775);
    chmodSync(join(shared, 'list.json'), 0o664);
    mkdirSync(join(workspace, 'runs'), { recursive: true });
    symlinkSync(shared, join(workspace, 'datasets'));
    symlinkSync(join(shared, 'faces-1'), join(workspace, 'runs', 'vae-1'));
    linkSync(join(shared, 'list.json'), join(workspace, 'jobs.json'));
    await expect(startHost()).rejects.toThrow('is a link');
    expect(modeOf(shared)).toBe('775');
    unlinkSync(join(workspace, 'datasets'));
    await startHost();
    expect(modeOf(shared)).toBe('775');
    expect(modeOf(join(shared, 'faces-1'))).toBe('775');
    expect(modeOf(join(shared, 'list.json'))).toBe('664');
  });
});

describe('an upload is removed', () => {
  it.each([
    ['is done', (job: FakeProcess) => job.report({ type: 'done', result: { dataset: 'faces-1' } })],
    [
      'has failed',
      (job: FakeProcess) =>
        job.report({ type: 'failed', error: { code: 'bad-input', message: 'No images.' } }),
    ],
    ['has died', (job: FakeProcess) => job.exit(null, 'SIGKILL')],
  ])('when its import %s', async (_, end) => {
    const client = await open();
    const source = await upload(client);
    await client.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    const { process, path } = await started(1);
    expect(readdirSync(path).sort()).toEqual(['2.png', 'a']);
    end(process);
    await untilNothingIsKept();
    await expect(
      client.request('jobs.start', { kind: 'import', source, crop: 'auto' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('when its import is cancelled, while it runs or waits', async () => {
    const client = await open();
    const sources = [await upload(client), await upload(client), await upload(client)];
    const ids: string[] = [];
    for (const source of sources) {
      ids.push((await client.request('jobs.start', { kind: 'import', source, crop: 'auto' })).id);
    }
    await processes.until('job', 2);
    expect(kept()).toHaveLength(3);
    await client.request('jobs.cancel', { job: ids[2]! });
    await eventually(() => expect(kept()).toHaveLength(2));
    await client.request('jobs.cancel', { job: ids[0]! });
    expect(kept()).toHaveLength(2);
    processes.of('job')[0]!.report({ type: 'stopped', result: {} });
    await eventually(() => expect(kept()).toHaveLength(1));
  });

  it('only when no other import needs it', async () => {
    const client = await open();
    const source = await upload(client);
    for (const name of ['one', 'two']) {
      await client.request('jobs.start', { kind: 'import', source, name, crop: 'auto' });
    }
    const { path } = await started(2);
    const [one, two] = processes.of('job');
    const ended = new Promise<void>((resolve) => {
      client.on('job', ({ state }) => {
        if (state === 'done') resolve();
      });
    });
    one!.report({ type: 'done', result: { dataset: 'one' } });
    await ended;
    expect(readdirSync(path).sort()).toEqual(['2.png', 'a']);
    two!.report({ type: 'done', result: { dataset: 'two' } });
    await untilNothingIsKept();
  });

  it('when its client discards it, even before it is complete', async () => {
    const client = await open();
    const { source } = await client.request('sources.upload', { name: 'faces' });
    const files = Array.from({ length: 200 }, (_, i) => ({ path: `${i}.png`, bytes: new Uint8Array(10) }));
    const added = client.request('sources.add', { source, files }).catch((error: unknown) => error);
    await client.request('sources.discard', { source });
    expect(await added).toMatchObject({ code: 'cancelled' });
    await untilNothingIsKept();
    await expect(client.request('sources.add', { source, files })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('when its client goes, unless an import reads it', async () => {
    const host = await startHost();
    const [one, other] = [connect(host), connect(host)];
    const imported = await upload(one.client);
    await one.client.request('jobs.start', { kind: 'import', source: imported, crop: 'auto' });
    const { process } = await started(1);
    await upload(one.client);
    await upload(other.client);
    expect(kept()).toHaveLength(3);
    one.leave();
    await eventually(() => expect(kept()).toHaveLength(2));
    process.report({ type: 'done', result: { dataset: 'faces-1' } });
    await eventually(() => expect(kept()).toHaveLength(1));
    other.leave();
    await untilNothingIsKept();
  });

  it('also where its client had disconnected before it began', async () => {
    const host = await startHost();
    const { client, leave } = connect(host);
    const begun = client.request('sources.upload', { name: 'faces' }).catch(() => undefined);
    leave();
    await begun;
    const other = connect(host);
    await upload(other.client);
    expect(kept()).toHaveLength(1);
  });

  it('but a folder that was opened in place stays', async () => {
    const mine = join(folder, 'photographs');
    mkdirSync(mine);
    writeFileSync(join(mine, 'a.png'), 'x');
    const host = await startHost();
    const { client, leave } = connect(host);
    const { source } = await client.request('sources.open', { path: mine });
    await client.request('jobs.start', { kind: 'import', source, crop: 'auto' });
    const { process } = await started(1);
    process.report({ type: 'failed', error: { code: 'bad-input', message: 'No images.' } });
    await client.request('sources.discard', { source });
    leave();
    await host.close(20);
    expect(readdirSync(mine)).toEqual(['a.png']);
  });
});

describe('a file for download is removed', () => {
  async function exported(client: Client): Promise<{ file: string; path: string }> {
    const done = new Promise<string>((resolve) => {
      client.on('job', ({ state, result }) => {
        if (state === 'done') resolve(result!.file!);
      });
    });
    await client.request('jobs.start', { kind: 'export', recipe });
    const { process, path } = await started(1);
    await writeFileAtomic(path, 'GIF89a');
    process.report({ type: 'done', result: {} });
    return { file: await done, path };
  }

  it('after it was downloaded', async () => {
    const client = await open();
    const { file, path } = await exported(client);
    expect(existsSync(path)).toBe(true);
    expect(new TextDecoder().decode(await client.request('files.read', { file }))).toBe('GIF89a');
    await untilNothingIsKept();
    await expect(client.request('files.read', { file })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('Export it again') as string,
    });
  });

  it('when its client disconnects without downloading it', async () => {
    const host = await startHost();
    const { client, leave } = connect(host);
    await exported(client);
    leave();
    await untilNothingIsKept();
  });

  it.each([
    [
      'failed',
      (job: FakeProcess) => job.report({ type: 'failed', error: { code: 'internal', message: 'x' } }),
    ],
    ['died', (job: FakeProcess) => job.exit(1)],
  ])('when its job has %s', async (_, end) => {
    const client = await open();
    await client.request('jobs.start', { kind: 'export', recipe });
    const { process, path } = await started(1);
    writeFileSync(path, 'GIF8');
    writeFileSync(join(dirname(path), '.vae.gif.part'), 'GIF8');
    end(process);
    await untilNothingIsKept();
  });

  it('when its client has disconnected before its job is done', async () => {
    const host = await startHost();
    const { client, leave } = connect(host);
    await client.request('jobs.start', { kind: 'export', recipe });
    const { process, path } = await started(1);
    leave();
    await eventually(async () => {
      const other = connect(host);
      expect(await other.client.request('jobs.list', {})).toHaveLength(1);
      other.leave();
    });
    expect(existsSync(path)).toBe(true);
    process.report({ type: 'done', result: {} });
    await untilNothingIsKept();
  });
});
