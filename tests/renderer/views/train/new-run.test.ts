// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { ArchitectureNameSchema } from '../../../../src/contract/architecture.ts';
import type { DatasetInfo } from '../../../../src/contract/dataset.ts';
import type { JobRequest } from '../../../../src/contract/job.ts';
import { IMAGE_SIZES } from '../../../../src/contract/image-size.ts';
import type { TrainingConfig } from '../../../../src/contract/run.ts';
import { TrainState } from '../../../../src/renderer/views/train/state/train.svelte.ts';
import { describeGoal } from '../../../../src/contract/goals/goal.ts';
import { describePreset, presetSentence } from '../../../../src/contract/presets.ts';
import { planGoal } from '../../../../src/contract/goals/plan.ts';
import NewRun from '../../../../src/renderer/views/train/NewRun.svelte';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, makeApp, paperConfig, settled } from '../../small-app.ts';

afterEach(cleanup);

/** The form as it opens, or with the settings of a run. */
async function show(
  changes: Partial<DatasetInfo> = {},
  { settings = undefined as TrainingConfig | undefined } = {},
) {
  const started: JobRequest[] = [];
  const { app } = await makeApp({
    'datasets.list': () => [aDataset(changes)],
    'runs.rate': () => 400,
    'jobs.start': (request) => {
      started.push(request);
      return aJob({ request, state: 'queued' });
    },
  });
  const train = new TrainState(app);
  if (settings) train.form.fillWith(settings, undefined);
  renderInWindow(app, NewRun, { train });
  await settled();
  return { app, train, started };
}

const field = (name: string): HTMLInputElement => screen.getByRole('textbox', { name });

describe('NewRun', () => {
  it('opens on a quick look, with all that it chooses to be seen', async () => {
    const { train, started } = await show();
    const { config } = planGoal('quick', train.facts!).trainings[0]!;
    expect(screen.getByRole('radio', { name: 'Quick look' }).getAttribute('aria-checked')).toBe('true');
    screen.getByRole('radiogroup', { name: 'Goal' });
    expect(screen.getByRole('checkbox', { name: 'VAE' }).getAttribute('aria-checked')).toBe('true');
    expect(field('Epochs').value).toBe(String(config.epochs));
    expect(field('Batch').value).toBe(String(config.batchSize));
    expect(field('Learning rate').value).toBe(String(config.learningRate));
    await fireEvent.click(screen.getByRole('button', { name: 'Train' }));
    await settled();
    expect(started).toEqual([{ kind: 'train', dataset: 'faces-1', config }]);
  });

  it('says of each goal what it gives, how long it takes and in how many steps', async () => {
    const { train } = await show();
    for (const goal of ['quick', 'pictures', 'disentangle', 'paper'] as const) {
      const { title, summary } = describeGoal(goal);
      const choice = screen.getByRole('radio', { name: title });
      expect(choice.textContent).toContain(summary);
      expect(choice.textContent).toMatch(/about .*steps/);
    }
    const { steps } = planGoal('paper', train.facts!).trainings[0]!;
    expect(screen.getByRole('radio', { name: 'The paper’s settings' }).textContent).toContain(
      `4 × ${steps.toLocaleString('en')} steps`,
    );
  });

  it('is chosen by arrow keys as every radio group is', async () => {
    const { train } = await show();
    await fireEvent.keyDown(screen.getByRole('radio', { name: 'Quick look' }), { key: 'ArrowRight' });
    expect(train.form.goal).toBe('pictures');
    expect(document.activeElement?.getAttribute('aria-label')).toBe('Good pictures');
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowLeft' });
    expect(train.form.goal).toBe('quick');
  });

  it('says of published settings what they are and whence, and that one was changed', async () => {
    const { train } = await show();
    train.form.choosePreset('celeba-burgess', train.facts!);
    await settled();
    screen.getByText(presetSentence('celeba-burgess'));
    screen.getByText(`Source: ${describePreset('celeba-burgess').source}.`);
    screen.getByRole('combobox', { name: 'Settings as published CelebA, Burgess et al. 2018' });
    expect(screen.queryByRole('radio', { checked: true, name: 'Quick look' })).toBeNull();
    await fireEvent.input(field('Batch'), { target: { value: '32' } });
    screen.getByText('CelebA, Burgess et al. 2018, changed');
    await fireEvent.click(screen.getByRole('button', { name: 'Undo changes' }));
    expect(field('Batch').value).toBe('64');
    expect(screen.queryByText('CelebA, Burgess et al. 2018, changed')).toBeNull();
  });

  it('suggests weights for certain images where they were published', async () => {
    const { train } = await show();
    train.form.models = ['factor-vae'];
    await settled();
    screen.getByText(/36 for dSprites \(disentangling-vae\), 3\.2 for chairs/);
    train.form.models = ['info-vae'];
    await settled();
    screen.getByText(/Published: 1000, with α = 0, for MNIST \(Zhao et al\. 2019\)/);
  });

  it('says that the goal was changed, keeps the other numbers, and goes back with one click', async () => {
    const { train } = await show();
    const epochs = field('Epochs').value;
    expect(screen.queryByRole('button', { name: 'Undo changes' })).toBeNull();
    await fireEvent.input(field('Latent dimensions'), { target: { value: '6' } });
    screen.getByText('Quick look, changed');
    expect(field('Epochs').value).toBe(epochs);
    await fireEvent.click(screen.getByRole('button', { name: 'Undo changes' }));
    expect(field('Latent dimensions').value).toBe('32');
    expect(train.form.isChanged).toBe(false);
    expect(screen.queryByText('Quick look, changed')).toBeNull();
  });

  it('counts the steps, and says when they are too few, with a button that makes them enough', async () => {
    const { train, started } = await show({ images: 300 }, { settings: paperConfig });
    screen.getByText('60 steps: too few to learn anything');
    expect(screen.getByRole('radio', { name: 'The paper’s settings' }).textContent).toContain('too few');
    await fireEvent.click(screen.getByRole('button', { name: 'Use batches of 16: 510 steps' }));
    expect(screen.queryByText(/too few to learn/)).toBeNull();
    screen.getByText('30 epochs × 17 = 510 steps');
    expect(field('Batch').value).toBe('16');
    await fireEvent.click(screen.getByRole('button', { name: 'Train' }));
    await settled();
    expect(started).toMatchObject([{ config: { ...paperConfig, batchSize: 16 } }]);
    expect(train.entry?.config?.batchSize).toBe(16);
  });

  it('fits the goal to the speed once that is known, and to other images', async () => {
    const { app, train } = await show({ images: 300 });
    const { config } = planGoal('quick', { ...train.facts!, measuredRate: () => 400 }).trainings[0]!;
    expect(train.form.configs).toEqual([config]);
    app.library.datasets = [aDataset({ images: 20_000 })];
    await settled();
    expect(train.form.configs[0]!.batchSize).toBe(32);
    expect(train.form.isChanged).toBe(false);
  });

  it('trains the paper’s four with two clicks', async () => {
    const { started, train } = await show();
    await fireEvent.click(screen.getByRole('radio', { name: 'The paper’s settings' }));
    await fireEvent.click(screen.getByRole('button', { name: 'Train 4 models' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.config.objective)).toEqual([
      { model: 'ae' },
      { model: 'vae' },
      { model: 'beta-vae', beta: 5, warmUp: 0 },
      { model: 'beta-tcvae', alpha: 1, beta: 20, gamma: 1 },
    ]);
    expect(train.entry?.config?.objective.model).toBe('ae');
  });

  it('writes the formula with the weights as they are typed', async () => {
    await show({}, { settings: paperConfig });
    await fireEvent.input(field('β, weight of TC'), { target: { value: '6' } });
    screen.getByRole('math', { name: '‖x − g(z)‖² + MI + 6·TC + Σⱼ KL( q(zⱼ) ‖ p(zⱼ) )' });
  });

  it('refuses beside the field, in a sentence, and trains nothing until it is mended', async () => {
    const { started } = await show({}, { settings: paperConfig });
    await fireEvent.input(field('β, weight of TC'), { target: { value: '-20' } });
    expect(screen.getByRole('alert').textContent).toContain('β cannot be negative. The paper uses 20.');
    screen.getByRole('math', { name: /β·TC/ });
    const button = screen.getByRole<HTMLButtonElement>('button', { name: 'Train' });
    expect(button.disabled).toBe(true);
    await fireEvent.submit(screen.getByRole('form', { name: 'New run' }));
    expect(started).toEqual([]);
    await fireEvent.input(field('β, weight of TC'), { target: { value: '20' } });
    expect(screen.queryByRole('alert')).toBeNull();
    expect(button.disabled).toBe(false);
  });

  it('says beforehand how long it will take', async () => {
    await show({}, { settings: paperConfig });
    screen.getByText('about 11 min at 400 images / s');
    await fireEvent.input(field('Epochs'), { target: { value: '300' } });
    await settled();
    screen.getByText('about 1 h 45 min at 400 images / s');
  });

  it('says what this processor can', async () => {
    await show();
    screen.getByText('this processor does not support bfloat16: mixed is no faster');
  });

  it('does not train on next to nothing', async () => {
    await show({ images: 3 });
    screen.getByText(/Training needs at least 4 images/);
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(true);
  });

  it.each(ArchitectureNameSchema.options)('trains %s on images of every size', async (architecture) => {
    for (const imageSize of IMAGE_SIZES) {
      const { started } = await show({ imageSize }, { settings: { ...paperConfig, architecture } });
      screen.getByText(`8,000 images of ${imageSize} × ${imageSize}`);
      expect(screen.queryByRole('alert')).toBeNull();
      await fireEvent.submit(screen.getByRole('form', { name: 'New run' }));
      expect(started).toHaveLength(1);
      cleanup();
    }
  });

  it('needs a model', async () => {
    await show({}, { settings: paperConfig });
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-TCVAE' }));
    screen.getByText('Choose a model.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Train' }).disabled).toBe(true);
  });

  it('trains one of the further family, its weights in its formula', async () => {
    const { started } = await show({}, { settings: paperConfig });
    expect(screen.queryByRole('checkbox', { name: 'VAE-GAN' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'More models' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-TCVAE' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'FactorVAE' }));
    await fireEvent.input(field('γ, weight of TC'), { target: { value: '10' } });
    screen.getByRole('math', { name: /10·TC/ });
    await fireEvent.click(screen.getByRole('button', { name: 'Train' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.config.objective)).toEqual([
      { model: 'factor-vae', gamma: 10 },
    ]);
  });

  it('says whose a weight is where several models have one', async () => {
    await show({}, { settings: paperConfig });
    await fireEvent.click(screen.getByRole('checkbox', { name: 'β-VAE' }));
    field('β, β-VAE');
    field('β, β-TCVAE');
  });

  it('queues a sweep, each run with a name of its own', async () => {
    const { started } = await show({}, { settings: paperConfig });
    await fireEvent.click(screen.getByRole('button', { name: 'Decoder, condition, sweep' }));
    await fireEvent.click(screen.getByRole('switch', { name: 'Sweep' }));
    await fireEvent.input(field('β, each of'), { target: { value: '1; 6' } });
    await fireEvent.input(field('Seeds'), { target: { value: '1, 1' } });
    expect(screen.getByRole('alert').textContent).toContain('Each number once.');
    await fireEvent.input(field('Seeds'), { target: { value: '1 2' } });
    await fireEvent.click(screen.getByRole('button', { name: 'Train 4 models' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.name)).toEqual([
      'β-TCVAE, β = 1, seed 1',
      'β-TCVAE, β = 6, seed 1',
      'β-TCVAE, β = 1, seed 2',
      'β-TCVAE, β = 6, seed 2',
    ]);
  });

  it('is found as it was left', async () => {
    const { app } = await show();
    await fireEvent.input(field('Epochs'), { target: { value: '7' } });
    cleanup();
    renderInWindow(app, NewRun, { train: new TrainState(app) });
    await settled();
    expect(field('Epochs').value).toBe('7');
  });
});
