// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../../../src/contract/job.ts';
import type { StoredEvaluation } from '../../../../../src/contract/operations/measure.ts';
import type { SomeHandlers } from '../../../../../src/contract/serve.ts';
import { MeasureState } from '../../../../../src/renderer/views/measure/state/measure.svelte.ts';
import { aDataset, aJob, aRun, makeApp, paperConfig, settled } from '../../../small-app.ts';
import { aStoredEvaluation } from '../an-evaluation.ts';

const labelled = aDataset({ columns: [{ name: 'smile', type: 'binary', factor: false }] });
const request = { kind: 'evaluate', run: 'run-1', dataset: 'faces-1', seed: 0 } as const;

async function open({
  dataset = labelled,
  run = aRun(),
  handlers = {},
}: { dataset?: typeof labelled; run?: ReturnType<typeof aRun>; handlers?: SomeHandlers } = {}) {
  const { app, emit } = await makeApp({ 'runs.evaluation': () => null, ...handlers });
  const measure = new MeasureState(app, run, dataset);
  await measure.load();
  return { app, emit, measure };
}

describe('what was measured', () => {
  it('is there at once, with the first metric that has a value chosen', async () => {
    const { measure } = await open({ handlers: { 'runs.evaluation': () => aStoredEvaluation() } });
    expect(measure.selected).toBe('mig');
    expect(measure.matrix?.rows[0]?.name).toBe('hair_colour');
    measure.select('modularity');
    expect(measure.result?.title).toBe('Modularity');
    expect(measure.matrix).toBeUndefined();
  });

  it('is read again when its job has ended, whoever began it, and not for another run’s', async () => {
    let stored: StoredEvaluation | null = null;
    const { measure, emit } = await open({ handlers: { 'runs.evaluation': () => stored } });
    expect(measure.isLoaded).toBe(true);
    stored = aStoredEvaluation();
    const other = aJob({ request: { ...request, run: 'run-2' }, state: 'done' });
    emit('job', other);
    await settled();
    expect(measure.stored).toBeNull();
    const job = aJob({ request });
    emit('job', job);
    await settled();
    expect(measure.job?.id).toBe(job.id);
    emit('job', { ...job, state: 'done' });
    await settled();
    expect(measure.job).toBeUndefined();
    expect(measure.stored).toEqual(stored);
    expect(measure.selected).toBe('mig');
  });

  it('stays when another measurement is stopped', async () => {
    const { measure, emit } = await open({ handlers: { 'runs.evaluation': () => aStoredEvaluation() } });
    const job = aJob({ request });
    emit('job', job);
    emit('job', { ...job, state: 'cancelled' });
    await settled();
    expect(measure.job).toBeUndefined();
    expect(measure.stored).not.toBeNull();
  });
});

describe('a measurement', () => {
  const asked: JobRequest[] = [];
  const handlers: SomeHandlers = {
    'jobs.start': (order) => {
      asked.push(order);
      return aJob({ request: order });
    },
  };

  it('asks for what is wanted, by the seed', async () => {
    const { measure } = await open({ handlers });
    measure.wanted = ['mig', 'dci', 'elbo'];
    measure.seed = 5;
    await measure.measure();
    expect(asked.at(-1)).toEqual({ ...request, seed: 5, metrics: ['mig', 'dci', 'elbo'] });
    expect(measure.job?.state).toBe('running');
  });

  it('leaves metrics out where nothing is known of the images', async () => {
    const { measure } = await open({ handlers, dataset: aDataset() });
    expect(measure.hasLabels).toBe(false);
    await measure.measure();
    expect(asked.at(-1)).toEqual({ ...request, metrics: ['elbo'] });
  });

  it('leaves KL out for an AE, which has none', async () => {
    const run = aRun({ config: { ...paperConfig, objective: { model: 'ae' } } });
    const { measure } = await open({ handlers, run });
    expect(measure.wanted).not.toContain('elbo');
    expect(measure.wanted).toContain('mig');
  });
});
