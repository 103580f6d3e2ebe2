import { createClient } from '../../src/contract/client.ts';
import type { DatasetInfo } from '../../src/contract/dataset.ts';
import type { Job } from '../../src/contract/job.ts';
import type { App } from '../../src/contract/operations/app.ts';
import { portPair } from '../../src/contract/port.ts';
import { PAPERS_SETTINGS, type RunInfo, type TrainingConfig } from '../../src/contract/run.ts';
import { serve, type Emit, type SomeHandlers } from '../../src/contract/serve.ts';
import { AppState } from '../../src/renderer/state/app.svelte.ts';
import { Theme } from '../../src/renderer/theme/theme.svelte.ts';

export const appInfo: App = {
  version: '0.0.0',
  door: 'browser',
  platform: 'linux',
  workspace: 'workspace',
  device: { kind: 'cpu', label: 'CPU', whyNotGpu: null, multipliesBfloat16: false },
};

/** A window's state over a host that answers with these handlers; it needs a DOM for its theme. */
export async function makeApp(
  handlers: SomeHandlers = {},
  info: Partial<App> = {},
): Promise<{ app: AppState; emit: Emit }> {
  const [near, far] = portPair();
  const emit = serve(far, {
    'datasets.list': () => [],
    'runs.list': () => [],
    'jobs.list': () => [],
    ...handlers,
  });
  const app = new AppState(createClient(near), { ...appInfo, ...info }, new Theme());
  await app.load();
  return { app, emit };
}

/** Lets requests and their answers pass. */
export function settled(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export const paperConfig: TrainingConfig = {
  objective: { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
  ...PAPERS_SETTINGS,
};

export function aDataset(changes: Partial<DatasetInfo> = {}): DatasetInfo {
  return {
    version: 1,
    id: 'faces-1',
    name: 'faces',
    kind: 'imported',
    created: '2026-01-01T00:00:00Z',
    images: 8000,
    channels: 3,
    crop: 'square',
    source: 'faces',
    columns: [],
    skipped: [],
    duplicates: [],
    ...changes,
  };
}

export function aRun(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    version: 1,
    id: 'run-1',
    name: 'β-TCVAE on faces',
    created: '2026-01-01T00:00:00Z',
    state: 'done',
    dataset: { id: 'faces-1', name: 'faces', images: 8000 },
    config: paperConfig,
    imageSize: 64,
    channels: 3,
    epoch: 30,
    step: 1770,
    versions: { unravel: '0.0.0', tensorflow: '2.21.0' },
    ...changes,
  };
}

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
