import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Client } from '../../../src/contract/client.ts';
import type { UnravelError } from '../../../src/contract/errors.ts';
import { portPair } from '../../../src/contract/port.ts';
import type { Recipe } from '../../../src/contract/recipe.ts';
import type { RunInfo } from '../../../src/contract/run.ts';
import { serve } from '../../../src/contract/serve.ts';
import { tensor } from '../../../src/contract/tensor.ts';
import { EngineContext, knownOf } from '../../../src/engine/serving/context.ts';
import type { EngineHandlers } from '../../../src/engine/serving/engine-handlers.ts';
import { engineHandlers } from '../../../src/engine/serving/handlers.ts';
import type { Workspace } from '../../../src/engine/basics/workspace.ts';
import { Host } from '../../../src/host/host.ts';
import type { HostProcess, ProcessExit } from '../../../src/host/process.ts';
import { LATENT, makeTrainedWorkspace } from './small-workspace.ts';
import { eventually } from '../../fixtures/eventually.ts';

// A real engine behind a real host, in this process: what one client asks for does not keep another from its answers.

let workspace: Workspace;
let run: RunInfo;
let remove: () => Promise<void>;
let userFolder: string;
let host: Host;
/** What the engine was asked and has not answered yet, by operation. */
let atWork: string[];
let mostAtWork: number;
/** Every operation that it has begun, and that it has finished. */
let begun: string[];
let done: string[];

beforeAll(async () => {
  ({ workspace, run, remove } = await makeTrainedWorkspace());
  userFolder = mkdtempSync(join(tmpdir(), 'unravel-user-'));
});
afterAll(async () => {
  rmSync(userFolder, { recursive: true, force: true });
  await remove();
});
beforeEach(async () => {
  [atWork, begun, done] = [[], [], []];
  mostAtWork = 0;
  host = await Host.start({
    startProcess: startEngine,
    ...{ workspace: workspace.root, userFolder, door: 'browser', version: '0.0.0' },
  });
});
afterEach(() => host.close(10));

/** The engine's process, without the process. */
function startEngine(): HostProcess {
  const [near, far] = portPair();
  const context = new EngineContext(workspace);
  let tellExit: (exit: ProcessExit) => void = () => undefined;
  serve(far, watched(engineHandlers(context)), { isHost: true });
  return {
    ...{ port: near, pid: undefined },
    kill: () => void context.close().then(() => tellExit({ code: 0, signal: null })),
    onExit: (listener) => (tellExit = listener),
  };
}

function watched(handlers: EngineHandlers): EngineHandlers {
  const entries = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (input: never, asker: never) => {
      atWork.push(name);
      begun.push(name);
      mostAtWork = Math.max(mostAtWork, atWork.length);
      try {
        const output = await (handler as (input: never, asker: never) => unknown)(input, asker);
        done.push(name);
        return output;
      } finally {
        atWork.splice(atWork.indexOf(name), 1);
      }
    },
  ]);
  return Object.fromEntries(entries) as EngineHandlers;
}

function connect(): Client {
  const [near, far] = portPair();
  host.connect(far);
  return createClient(near);
}

const decode = (client: Client, count = 1): Promise<unknown> =>
  client.request('models.decode', {
    run: run.id,
    z: tensor('f32', [count, LATENT], new Float32Array(count * LATENT)),
  });

/** Asks for as much as a client may, and more; counts the answers. */
function flood(client: Client): { readonly answered: () => number; readonly all: Promise<unknown> } {
  let answers = 0;
  const asked = Array.from({ length: 300 }, () =>
    decode(client, 256).then(
      () => (answers += 1),
      (error: unknown) => (error as UnravelError).code,
    ),
  );
  return { answered: () => answers, all: Promise.all(asked) };
}

const recipe = (dimensions: number, frames: number, tileSizePx = 32): Recipe => ({
  ...({
    kind: 'traversal',
    version: 1,
    run: run.id,
    frames,
    fps: 10,
    pingPong: true,
    from: -2,
    to: 2,
  } as const),
  ...({ tileSizePx, labels: true, layout: 'grid', theme: 'dark' } as const),
  center: new Array<number>(LATENT).fill(0),
  dimensions: Array.from({ length: dimensions }, (_, i) => i % LATENT),
});

describe('a client that floods the engine', () => {
  it('keeps no other client from its decodes, and is refused itself what is too much', async () => {
    const [greedy, other] = [connect(), connect()];
    await decode(other);
    const { answered, all } = flood(greedy);
    for (let i = 0; i < 5; i++) await decode(other);
    // 300 × 256 codes would have to be decoded first if they had their turn in the order they came.
    expect(answered()).toBeLessThan(10);
    expect(mostAtWork).toBeLessThan(20);
    greedy.close();
    const outcomes = (await all) as unknown[];
    expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(300 - 256);
  });

  it('that goes away takes with it what it has asked for', async () => {
    const [greedy, other] = [connect(), connect()];
    const previews = [1, 2, 3].map(() => greedy.request('models.preview', { recipe: recipe(20, 60) }));
    const outcomes = Promise.allSettled(previews);
    const { answered, all } = flood(greedy);
    while (!atWork.includes('models.preview') || !atWork.includes('models.decode')) await decode(other);
    greedy.close();
    await all;
    await outcomes;
    const before = done.length;
    await eventually(() => expect(atWork).toEqual([]));
    // Nothing of it was finished, and the previews that waited were never begun.
    expect(done.slice(before)).toEqual([]);
    expect(begun.filter((name) => name === 'models.preview')).toHaveLength(1);
    expect(answered()).toBeLessThan(256);
    await decode(other);
  });

  it('has one preview at a time made for it, and two are made for all', async () => {
    const clients = [connect(), connect(), connect()];
    const previews = clients.flatMap((client) =>
      [1, 2].map(() => client.request('models.preview', { recipe: recipe(1, 2) })),
    );
    let most = 0;
    const made: unknown[] = [];
    for (const preview of previews) void preview.then((each) => made.push(each));
    while (made.length < previews.length) {
      most = Math.max(most, atWork.filter((name) => name === 'models.preview').length);
      await decode(clients[0]!);
    }
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('a preview', () => {
  it('that would take too much memory is refused before it is begun', async () => {
    const client = connect();
    await decode(client);
    const before = process.memoryUsage().rss;
    for (const each of [recipe(64, 240), recipe(64, 240, 64), recipe(1, 240, 512), recipe(20, 60, 512)]) {
      await expect(client.request('models.preview', { recipe: each })).rejects.toMatchObject({
        code: 'bad-input',
        message: expect.stringContaining('too large') as string,
      });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
  });

  it('of the largest GIF that a person usually makes is shown', async () => {
    const { frames } = await connect().request('models.preview', { recipe: recipe(LATENT, 24, 256) });
    expect(frames.shape[0]).toBe(46);
  });
});

describe('what is worked out from codes', () => {
  it('is kept for the last few questions', async () => {
    const known = new Map<string, Promise<unknown>>();
    const open = { known } as Parameters<typeof knownOf>[0];
    let made = 0;
    const ask = (key: string): Promise<number> => knownOf(open, key, () => Promise.resolve((made += 1)));
    const pca = await ask('pca');
    for (let i = 0; i < 100; i++) {
      await ask(`axes ${i}`);
      expect(await ask('pca')).toBe(pca);
    }
    expect(known.size).toBeLessThanOrEqual(8);
    expect(made).toBe(101);
    await expect(knownOf(open, 'bad', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(known.has('bad')).toBe(false);
  });
});
