// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { TrainState } from '../../../../../src/renderer/views/train/state/train.svelte.ts';
import { aDataset, aJob, aRun, makeApp } from '../../../small-app.ts';

const faces = aDataset();
const cells = aDataset({ id: 'cells-1', name: 'cells', channels: 1 });
const first = aRun();
const second = aRun({ id: 'run-2', name: 'second' });

async function open(jobs: ReturnType<typeof aJob>[] = []) {
  const { app } = await makeApp({
    'datasets.list': () => [faces, cells],
    'runs.list': () => [second, first],
    'jobs.list': () => jobs,
  });
  return app;
}

describe('Train', () => {
  it('opens on the chosen run', async () => {
    const app = await open();
    app.chooseRun('run-1');
    expect(new TrainState(app).entry?.key).toBe('run-1');
  });

  it('opens on a training that runs', async () => {
    const job = aJob({ run: 'run-1' });
    const app = await open([job]);
    expect(new TrainState(app).entry?.key).toBe('run-1');
  });

  it('opens on the form where nothing was trained on the chosen images', async () => {
    const app = await open();
    app.chooseDataset('cells-1');
    const train = new TrainState(app);
    expect(train.entry).toBeUndefined();
    expect(train.dataset?.id).toBe('cells-1');
  });

  it('opens on the form that another view asked for, filled with a run', async () => {
    const app = await open();
    app.openForm({ ...first, config: { ...first.config, epochs: 3 } });
    const train = new TrainState(app);
    expect(train.entry).toBeUndefined();
    expect(train.form.values.epochs).toBe(3);
    expect(app.formRequest).toBeUndefined();
  });

  it('is found as it was left', async () => {
    const app = await open();
    const train = new TrainState(app);
    train.openForm();
    train.form.set('epochs', 7);
    const again = new TrainState(app);
    expect(again.entry).toBeUndefined();
    expect(again.form.values.epochs).toBe(7);
  });

  it('chooses the run that is looked at, for every view', async () => {
    const app = await open();
    const train = new TrainState(app);
    train.lookAt(train.entries.find(({ key }) => key === 'run-1')!);
    expect(app.run?.id).toBe('run-1');
  });

  it('looks at what is chosen in the title bar, and keeps the form open for another data set', async () => {
    const app = await open();
    const train = new TrainState(app);
    train.follow('run-1', 'faces-1');
    expect(train.entry?.key).toBe('run-1');
    train.openForm();
    train.follow(undefined, 'cells-1');
    expect(train.entry).toBeUndefined();
    expect(train.form.datasetId).toBe('cells-1');
    train.follow('run-2', 'faces-1');
    expect(train.entry).toBeUndefined();
    train.follow('run-1', 'faces-1');
    expect(train.entry?.key).toBe('run-1');
  });

  it('trains on the data set that is chosen in the form, which is then chosen in every view', async () => {
    const app = await open();
    const train = new TrainState(app);
    train.openForm();
    train.chooseDataset('cells-1');
    expect(app.dataset?.id).toBe('cells-1');
  });

  it('fills the form with the settings of a run', async () => {
    const app = await open();
    const train = new TrainState(app);
    train.openForm({ ...first.config, epochs: 3, latentDim: 9 });
    expect(train.entry).toBeUndefined();
    expect(train.form.values).toMatchObject({ epochs: 3, latentDim: 9 });
    expect(train.form.datasetId).toBe('faces-1');
  });
});
