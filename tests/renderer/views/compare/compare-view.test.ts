// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { JobRequest } from '../../../../src/contract/job.ts';
import { aJob, settled } from '../../small-app.ts';
import ComparisonInWindow from './ComparisonInWindow.svelte';
import { AE, openTwo, pixelOf, twoModels, VAE } from './two-models.ts';

afterEach(cleanup);

async function show(...options: Parameters<typeof openTwo>) {
  const decoded: { run: string; pixels: number[]; condition?: unknown }[] = [];
  const [handlers = {}, ...rest] = options;
  const usual = twoModels()['models.decode']!;
  const opened = await openTwo(
    {
      'models.decode': (input, asker) => {
        const [n = 0] = input.z.shape;
        const pixels = Array.from({ length: n }, (_, i) => pixelOf(input.z.data.subarray(2 * i, 2 * i + 2)));
        const { run, condition } = input;
        decoded.push({ run, pixels, ...(condition === undefined ? {} : { condition }) });
        return usual(input, asker);
      },
      ...handlers,
    },
    ...rest,
  );
  render(ComparisonInWindow, { app: opened.app });
  await settled();
  return { ...opened, decoded };
}

const images = (name: RegExp): HTMLElement[] => screen.getAllByRole('img', { name });

describe('Compare', () => {
  it('has a row of each kind for each model', async () => {
    await show();
    expect(screen.getAllByRole('heading', { level: 2 }).map(({ textContent }) => textContent)).toEqual([
      'AE',
      'VAE',
    ]);
    expect(images(/that no model was trained on/)).toHaveLength(2);
    expect(images(/^The same faces, reconstructed by VAE, squared errors 1\.0, 3\.0, 4\.0$/)).toHaveLength(1);
    expect(images(/draws of the prior, seed 1$/)).toHaveLength(2);
    expect(images(/^One face with z0 of VAE, for Smile moved from −3 to \+3 σ$/)).toHaveLength(1);
  });

  it('decodes one face moved step by step, against the dimension where it falls as the label rises', async () => {
    const { decoded } = await show();
    // Image 1, code [1, 1]: VAE's z0 from +3 to −3.
    const smile = decoded.find(({ run, pixels }) => run === VAE.id && pixels[0] === pixelOf([4, 1]));
    expect(smile?.pixels.at(-1)).toBe(pixelOf([-2, 1]));
  });

  it('moves a feature in all models by one slider, on the same faces', async () => {
    const { decoded } = await show();
    await fireEvent.click(screen.getByRole('button', { name: 'Linked sliders' }));
    await settled();
    const slider = screen.getByRole<HTMLInputElement>('slider', { name: 'Smile, in every model' });
    decoded.length = 0;
    await fireEvent.input(slider, { target: { value: '2' } });
    await settled();
    expect(slider.getAttribute('aria-valuetext')).toBe('+2.0 σ');
    const codes = [1, 3, 4];
    expect(decoded).toContainEqual({ run: VAE.id, pixels: codes.map((i) => pixelOf([i - 2, 1])) });
    expect(decoded).toContainEqual({ run: 'ae-1', pixels: codes.map((i) => pixelOf([i, 2])) });
    expect(decoded).toHaveLength(2);
    expect(images(/^The same faces with z1 of AE, for Smile moved by 2\.0 σ$/)).toHaveLength(1);
  });

  it("tells a conditional model each face's own label, or the usual one where it is not known", async () => {
    const told: typeof VAE = { ...VAE, condition: { column: 'smile', type: 'binary', usual: 0 } };
    const usual = twoModels()['models.posterior']!;
    const { decoded } = await show(
      {
        'models.posterior': async (input, asker) => ({
          ...(await usual(input, asker)),
          ...(input.run === told.id && input.index !== 4 ? { condition: 1 } : {}),
        }),
      },
      { runs: [told, AE] },
    );
    const moved = decoded.filter(({ condition }) => condition !== undefined);
    expect(new Set(moved.map(({ run }) => run))).toEqual(new Set([told.id]));
    // One face, the first, moved step by step.
    for (const { pixels, condition } of moved) expect(condition).toEqual(pixels.map(() => 1));
    await fireEvent.click(screen.getByRole('button', { name: 'Linked sliders' }));
    await settled();
    const faces = [1, 3, 4].map((i) => pixelOf([i, 1]));
    expect(decoded).toContainEqual({ run: told.id, pixels: faces, condition: [1, 1, 0] });
  });

  it('says what was measured in words and on the plane', async () => {
    await show();
    const words = within(screen.getByRole('region', { name: 'In one line' }));
    expect(words.getByText(/The AE has no prior/)).toBeDefined();
    expect(screen.getByRole('region', { name: 'Rate and distortion' }).textContent).toContain(
      'held out, 4 images',
    );
  });

  it('draws the figures of what is shown, and downloads them', async () => {
    const asked: JobRequest[] = [];
    const { app, emit } = await show({
      'jobs.start': (request) => {
        asked.push(request);
        return aJob({ request, id: 'job-0000abcd' });
      },
      'jobs.dismiss': () => ({}),
      'codes.axes': () => null,
      'files.read': () => new TextEncoder().encode('%PDF'),
    });
    await fireEvent.click(screen.getByRole('button', { name: 'Figures as PDF' }));
    await fireEvent.click(screen.getByRole('radio', { name: 'Axes' }));
    await fireEvent.click(screen.getByRole('switch', { name: 'A sheet of every axis' }));
    await settled();
    expect(screen.getByText(/AE on faces and VAE on faces have no axes of these images yet/)).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Save PDF' }));
    await settled();
    expect(asked[0]).toMatchObject({ kind: 'figures', runs: ['ae-1', 'vae-1'], format: 'pdf', seed: 1 });
    expect(asked[0]).toMatchObject({ axes: true, only: expect.arrayContaining(['explore']) as string[] });
    expect(screen.getByRole('button', { name: 'Stop drawing' })).toBeDefined();
    const file = 'file-0123456789abcdef';
    emit('job', aJob({ request: asked[0]!, id: 'job-0000abcd', state: 'done', result: { file } }));
    await settled();
    expect(app.toasts.list.map(({ message }) => message)).toEqual([
      'Saved figures-faces-1.pdf with your downloads.',
    ]);
    expect(screen.getByRole('button', { name: 'Figures as PDF' })).toBeDefined();
  });

  it('takes a row away', async () => {
    await show();
    await fireEvent.click(screen.getByRole('button', { name: 'Remove Smile' }));
    await settled();
    expect(screen.queryAllByRole('img', { name: /for Smile/ })).toEqual([]);
  });

  it('needs two models, and says where to make them', async () => {
    const { app } = await show({}, { runs: [VAE] });
    expect(screen.getByText(/One is here, VAE\./)).toBeDefined();
    await fireEvent.click(screen.getByRole('button', { name: 'Train models' }));
    expect(app.view).toBe('train');
  });

  it('tells in the title bar how many are compared, and what they share', async () => {
    await show();
    expect(
      screen.getByRole('button', { name: 'Compared runs: 2 runs paper’s architecture, seed 1' }),
    ).toBeDefined();
  });
});
