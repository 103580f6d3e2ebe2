// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../../src/contract/job.ts';
import { makeObjective } from '../../../../src/engine/losses/objectives.ts';
import NewRun from '../../../../src/renderer/views/train/NewRun.svelte';
import { RunForm } from '../../../../src/renderer/views/train/state/run-form.svelte.ts';
import { TrainState } from '../../../../src/renderer/views/train/state/train.svelte.ts';
import { registerToy, TOY } from '../../../fixtures/toy-objective.ts';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, makeApp, settled } from '../../small-app.ts';

let unregister: () => void;
beforeAll(() => (unregister = registerToy()));
afterAll(() => unregister());
afterEach(cleanup);

describe('an objective that was registered', () => {
  it('stands in the form with its weight, its formula and its refusals, and is trained as it stands there', async () => {
    const started: JobRequest[] = [];
    const { app } = await makeApp({
      'datasets.list': () => [aDataset()],
      'runs.rate': () => 400,
      'jobs.start': (request) => {
        started.push(request);
        return aJob({ request, state: 'queued' });
      },
    });
    renderInWindow(app, NewRun, { train: new TrainState(app) });
    await settled();
    await fireEvent.click(screen.getByRole('button', { name: 'More models' }));
    await fireEvent.click(screen.getByRole('checkbox', { name: 'VAE' }));
    expect(screen.getByRole('checkbox', { name: 'Toy VAE' }).title).toBe('draws the means to zero');
    await fireEvent.click(screen.getByRole('checkbox', { name: 'Toy VAE' }));
    screen.getByText('0.25 by default; more draws the means to zero');
    const weight = screen.getByRole<HTMLInputElement>('textbox', { name: 'ρ, of means' });
    expect(weight.value).toBe('0.25');
    screen.getByRole('math', { name: '‖x − g(z)‖² + KL( q(z|x) ‖ p(z) ) + 0.25·‖μ‖²' });

    await fireEvent.input(weight, { target: { value: '51' } });
    expect(screen.getByRole('alert').textContent).toContain('ρ must be at most 50. Usual is 0.25.');
    screen.getByRole('math', { name: /ρ·‖μ‖²/ });
    await fireEvent.input(weight, { target: { value: '13' } });
    expect(screen.getByRole('alert').textContent).toContain('ρ must not be 13.');
    await fireEvent.input(weight, { target: { value: '2' } });
    expect(screen.queryByRole('alert')).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Train' }));
    await settled();
    expect(started.map((request) => request.kind === 'train' && request.config.objective)).toEqual([
      { model: TOY, meanPull: 2 },
    ]);
  });

  it('makes the config that the engine makes', () => {
    const form = new RunForm();
    form.models = [TOY];
    expect(form.configs[0]!.objective).toEqual(makeObjective(TOY, {}));
  });
});
