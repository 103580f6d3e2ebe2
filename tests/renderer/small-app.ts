import { setImmediate as nextTurn } from 'node:timers/promises';
import { vi } from 'vitest';
import { createClient } from '../../src/contract/client.ts';
import type { Job } from '../../src/contract/job.ts';
import type { App } from '../../src/contract/operations/app.ts';
import type { Remembered } from '../../src/contract/remembered.ts';
import { portPair } from '../../src/contract/port.ts';
import { serve, type Emit, type SomeHandlers } from '../../src/contract/serve.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { Theme } from '../../src/renderer/theme/theme.svelte.ts';
import { paperConfig } from '../fixtures/infos.ts';

export const appInfo: App = {
  version: '0.0.0',
  door: 'browser',
  platform: 'linux',
  workspace: 'workspace',
  device: { kind: 'cpu', label: 'CPU', whyNotGpu: null, multipliesBfloat16: false },
};

/** What the first window of a workspace recalls. */
export const nothingRemembered: Remembered = {
  ...{ pinned: {}, colouring: {}, opened: {}, openedAxis: {}, axes: {}, compared: {} },
};

/** A window's state over a host that answers with these handlers; it needs a DOM for its theme. */
export async function makeApp(
  handlers: SomeHandlers = {},
  info: Partial<App> = {},
): Promise<{ app: AppState; emit: Emit }> {
  const [near, far] = portPair();
  const emit = serve(far, {
    'datasets.list': () => [],
    'datasets.damaged': () => [],
    'runs.list': () => [],
    'runs.damaged': () => [],
    'jobs.list': () => [],
    'app.recall': () => nothingRemembered,
    'app.remember': () => ({}),
    'models.import': () => null,
    'sources.codes': () => null,
    ...handlers,
  });
  const app = new AppState(createClient(near), { ...appInfo, ...info }, new Theme());
  await app.load();
  return { app, emit };
}

/** More turns of the event loop than any chain of requests and drawing in these tests takes. */
const SETTLING_TURNS = 50;

/** Lets requests, their answers and what is drawn of them pass; counted in turns, so that no machine is too slow. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn++) await nextTurn();
}

/** Lets the time of a test's fake timers pass, and all that is asked meanwhile. */
export async function timePasses(ms: number): Promise<void> {
  await settled();
  await vi.advanceTimersByTimeAsync(ms);
  await settled();
}

export { aDataset, aRun, paperConfig } from '../fixtures/infos.ts';

let jobs = 0;

/** Every job that is made stands behind the one before. */
export function aJob(changes: Partial<Job> = {}): Job {
  jobs += 1;
  return {
    id: `job-${jobs.toString(16).padStart(8, '0')}`,
    order: jobs,
    request: { kind: 'train', dataset: 'faces-1', config: paperConfig },
    title: 'Training β-TCVAE on faces',
    state: 'running',
    ...changes,
  };
}
