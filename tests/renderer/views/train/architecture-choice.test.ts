// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { UnravelError } from '../../../../src/contract/errors.ts';
import type { JobRequest } from '../../../../src/contract/job.ts';
import type { PlannedModel } from '../../../../src/contract/operations/models.ts';
import type { TrainingConfig } from '../../../../src/contract/run.ts';
import NewRun from '../../../../src/renderer/views/train/NewRun.svelte';
import { readArchitectureFile } from '../../../../src/renderer/views/train/state/architecture-file.ts';
import { stepCost, weightsText } from '../../../../src/renderer/views/train/state/model-plan.svelte.ts';
import { TrainState } from '../../../../src/renderer/views/train/state/train.svelte.ts';
import { renderInWindow } from '../../render-in-window.ts';
import { aDataset, aJob, appInfo, makeApp, paperConfig, settled } from '../../small-app.ts';

afterEach(cleanup);

const own = { name: 'tiny', encoder: [], decoder: [{ kind: 'dense', units: 12_288 }] };
const jsonFile = (content: unknown, name = 'tiny.json'): File => new File([JSON.stringify(content)], name);

/** Weights that tell one architecture from another. */
function planOf({ architecture }: TrainingConfig): PlannedModel {
  if (typeof architecture !== 'string' && architecture.name === 'misfit') {
    throw new UnravelError('bad-input', 'The architecture misfit cannot be used: its decoder ends with 12.', {
      hint: 'It must end with 64×64×3.',
    });
  }
  const parameters = architecture === 'burgess' ? 512_480 : 6_320_679;
  return {
    parameters,
    multiplications: 135_000_000,
    encoder: [{ kind: 'conv', output: [32, 32, 32], parameters: 1568 }],
    decoder: [{ kind: 'conv-transpose', output: [64, 64, 3], parameters: 1539 }],
  };
}

async function show() {
  const planned: TrainingConfig[] = [];
  const started: JobRequest[] = [];
  const { app } = await makeApp({
    'datasets.list': () => [aDataset()],
    'runs.rate': () => 400,
    'models.plan': ({ config }) => {
      planned.push(config);
      return planOf(config);
    },
    'jobs.start': (request) => {
      started.push(request);
      return aJob({ request, state: 'queued' });
    },
  });
  const train = new TrainState(app);
  const { container } = renderInWindow(app, NewRun, { train });
  await settled();
  const input = container.querySelector<HTMLInputElement>('input[type=file]')!;
  const choose = async (file: File): Promise<void> => {
    Object.defineProperty(input, 'files', { value: [file], configurable: true });
    await fireEvent.change(input);
    await settled();
  };
  return { train, planned, started, choose };
}

const radio = (name: string): HTMLElement => screen.getByRole('radio', { name });
const train = (): HTMLElement => screen.getByRole('button', { name: 'Train' });

describe('the choice of an architecture', () => {
  it('says how many weights it has and what a step costs, live', async () => {
    const { planned } = await show();
    await fireEvent.click(radio('paper'));
    await settled();
    await fireEvent.input(screen.getByRole('textbox', { name: 'Batch' }), { target: { value: '128' } });
    await settled();
    screen.getByText('6.3 million weights; a step of 128 images takes 0.32 s');
    const { length } = planned;
    await fireEvent.click(radio('burgess'));
    await settled();
    screen.getByText('512,480 weights; a step of 128 images takes 0.32 s');
    // What does not change the layers asks for nothing.
    await fireEvent.input(screen.getByRole('textbox', { name: 'Epochs' }), { target: { value: '7' } });
    await settled();
    expect(planned).toHaveLength(length + 1);
  });

  it('shows the layers with their sizes and weights where they are asked for', async () => {
    await show();
    expect(screen.queryByRole('region', { name: 'Encoder' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Layers' }));
    const rows = (name: string): (string | null)[] =>
      [...screen.getByRole('region', { name }).querySelectorAll('li')].map(({ textContent }) =>
        textContent.replace(/\s+/g, ' ').trim(),
      );
    expect(rows('Encoder')).toEqual(['image 64×64×3', 'convolution 32×32×32 1,568']);
    expect(rows('Decoder')).toEqual(['z 32', 'transposed conv. 64×64×3 1,539']);
  });

  it('takes one from a file, and trains with it', async () => {
    const { choose, started } = await show();
    await choose(jsonFile(own));
    expect(radio('tiny').getAttribute('aria-checked')).toBe('true');
    await fireEvent.click(train());
    await settled();
    expect(started).toMatchObject([{ config: { architecture: { name: 'tiny' } } }]);
  });

  it('names the place of a file that is wrong, and keeps what was chosen', async () => {
    const { choose, train: state } = await show();
    const before = state.form.architecture;
    await choose(jsonFile({ ...own, encoder: [{ kind: 'conv', filters: 8 }] }));
    expect(screen.getByRole('alert').textContent).toContain(
      'Could not read tiny.json: it does not describe an architecture: encoder.0.kernel is missing.',
    );
    expect(state.form.architecture).toBe(before);
    await choose(jsonFile(own));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('trains nothing with layers that do not fit the images, and says which', async () => {
    const { choose, started } = await show();
    await choose(jsonFile({ ...own, name: 'misfit' }));
    expect(screen.getByRole('alert').textContent).toContain(
      'its decoder ends with 12. It must end with 64×64×3.',
    );
    expect(train()).toHaveProperty('disabled', true);
    await fireEvent.submit(screen.getByRole('form', { name: 'New run' }));
    await settled();
    expect(started).toEqual([]);
    await fireEvent.click(radio('paper'));
    await settled();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(train()).toHaveProperty('disabled', false);
  });
});

describe('more settings for Adam', () => {
  const disclosure = (): HTMLElement => screen.getByRole('button', { name: /^More settings for Adam/ });

  it('are folded, and say folded what is set', async () => {
    const { started } = await show();
    expect(screen.queryByRole('textbox', { name: 'Averaging' })).toBeNull();
    expect(disclosure().textContent.trim()).toBe('More settings for Adam');
    await fireEvent.click(disclosure());
    await fireEvent.click(radio('cosine'));
    await fireEvent.input(screen.getByRole('textbox', { name: 'Averaging' }), { target: { value: '0.999' } });
    await fireEvent.click(disclosure());
    expect(disclosure().textContent).toContain('cosine schedule, weights averaged with 0.999');
    await fireEvent.click(train());
    await settled();
    expect(started).toMatchObject([{ config: { optimiser: { schedule: 'cosine', averageDecay: 0.999 } } }]);
  });

  it('stay open while one of them is refused', async () => {
    await show();
    await fireEvent.click(disclosure());
    const averaging = screen.getByRole('textbox', { name: 'Averaging' });
    await fireEvent.input(averaging, { target: { value: '0.2' } });
    expect(screen.getByRole('alert').textContent).toContain('or 0 for none');
    expect(disclosure()).toHaveProperty('disabled', true);
    expect(train()).toHaveProperty('disabled', true);
  });
});

describe('a file with an architecture', () => {
  it('is refused where it is too large, or no JSON', async () => {
    await expect(readArchitectureFile(new File(['x'.repeat(1_000_001)], 'big.json'))).rejects.toThrow(
      'Could not read big.json: it is too large.',
    );
    await expect(readArchitectureFile(new File(['{"name"'], 'cut.json'))).rejects.toThrow(
      'Could not read cut.json: it is not JSON, or was cut off.',
    );
  });
});

describe('the words of a model’s size and cost', () => {
  it('round weights as people say them', () => {
    expect([28_123, 6_320_679, 150_400_000].map(weightsText)).toEqual([
      '28,123 weights',
      '6.3 million weights',
      '150 million weights',
    ]);
  });

  it('tell what was measured from what is expected, of a batch that fits the images', () => {
    const processor = appInfo.device;
    expect(stepCost(aDataset(), paperConfig, { rate: 1280, processor })).toBe(
      'a step of 128 images takes 0.1 s',
    );
    expect(stepCost(aDataset({ images: 100 }), paperConfig, { rate: null, processor })).toMatch(
      /^a step of 95 images is expected to take \d/,
    );
  });
});
