import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../src/contract/client.ts';
import { isEnd } from '../../src/contract/job.ts';
import type { SoakLog } from './log.ts';
import { sleep } from './served.ts';
import type { Stage } from './stage.ts';

/** Waits until no job waits or runs; paused and interrupted ones stay. */
export async function waitForQuiet(client: Client): Promise<void> {
  for (;;) {
    const jobs = await client.request('jobs.list', {});
    if (jobs.every(({ state }) => isEnd(state) || state === 'paused' || state === 'interrupted')) return;
    await sleep(200);
  }
}

/** Everything that is listed must open: every data set its images and columns, every run its model. */
export async function openEverything(client: Client, log: SoakLog): Promise<void> {
  for (const { id, images, columns } of await client.request('datasets.list', {})) {
    await attempt(log, `data set ${id}`, async () => {
      const indices = images === 0 ? [] : [0, images - 1];
      await client.request('datasets.images', { dataset: id, indices });
      await client.request('datasets.names', { dataset: id, indices });
      for (const { name } of columns) await client.request('datasets.column', { dataset: id, column: name });
    });
  }
  for (const { id, step } of await client.request('runs.list', {})) {
    await attempt(log, `run ${id}`, async () => {
      await client.request('runs.metrics', { run: id });
      for (const epoch of await client.request('runs.snapshots', { run: id }))
        await client.request('runs.snapshot', { run: id, epoch });
      // One that was ended before its first checkpoint has no weights, and says so.
      if (step === 0) return;
      const z = await client.request('models.samples', { run: id, seed: 1, count: 2 });
      await client.request('models.decode', { run: id, z });
    });
  }
}

async function attempt(log: SoakLog, what: string, open: () => Promise<void>): Promise<void> {
  try {
    await open();
    log.did('open at the end');
  } catch (error) {
    log.fault(`${what} is listed and does not open: ${String(error)}`);
  }
}

/** What Unravel keeps in a person's settings: the key that seals the queue. */
const SETTINGS = ['.config', '.config/unravel', '.config/unravel/queue.key'];

/** Outside the workspace nothing may have changed; in it nothing half written may be left. */
export async function inspectDisk(
  stage: Stage,
  before: ReadonlyMap<string, string>,
  log: SoakLog,
): Promise<void> {
  const after = await stage.fingerprint();
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(name) !== after.get(name)) log.fault(`outside the workspace “${name}” has changed`);
  }
  for (const name of await readdir(stage.home, { recursive: true })) {
    if (!SETTINGS.includes(name)) log.fault(`in the home folder there is “${name}”`);
  }
  for (const [place, folder] of [
    ['temporary folder', stage.temporary],
    ['disk beside the workspace', join(stage.workspace, '..')],
  ] as const) {
    for (const name of await readdir(folder)) {
      if (join(folder, name) !== stage.workspace) log.fault(`in the ${place} there is still “${name}”`);
    }
  }
  for (const folder of ['datasets', 'runs', '.temporary']) {
    const path = join(stage.workspace, folder);
    if (!existsSync(path)) continue;
    for (const name of await readdir(path, { recursive: true })) {
      if (name.endsWith('.part')) log.fault(`half written and left: ${folder}/${name}`);
    }
  }
  for (const name of await readdir(join(stage.workspace, '.temporary')).catch(() => [])) {
    log.fault(`a server has left its temporary folder ${name}`);
  }
}
