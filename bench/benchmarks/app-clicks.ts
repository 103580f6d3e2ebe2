import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { Client } from '../../src/contract/client.ts';
import { UnravelError } from '../../src/contract/errors.ts';
import { PAPERS_SETTINGS, type TrainingConfig } from '../../src/contract/run.ts';
import { connectTo, serve } from '../app/served.ts';
import { placesIn, type Place } from '../app/ways.ts';
import { firstPicture, openApp, watched, windowWorker, type Stage } from '../app/window.ts';
import { planFor, type Context } from '../context.ts';
import type { Outcome } from '../figures.ts';
import { alternate } from '../harness/rounds.ts';
import { median, quantile, spread } from '../harness/statistics.ts';

/** The paper's VAE, whose steps keep every core busy for seconds; it trains until it is stopped. */
const TRAINING: TrainingConfig = {
  ...PAPERS_SETTINGS,
  objective: { model: 'vae' },
  epochs: 1000,
};
/** How long the pointer rests on a point before the click. */
const AIM_MS = 200;
/** The pause after a click, in which strips and the latent path are updated. */
const LOOK_MS = 600;
/** How long a click may take before it counts as failed. */
const PATIENCE_MS = 20_000;

/** Moves the pointer over the scatter until it rests on a point. */
async function aim(page: Page, places: Iterator<Place, never>): Promise<void> {
  for (;;) {
    const { x, y } = places.next().value;
    await page.mouse.move(x, y);
    await pause(AIM_MS);
    if ((await page.locator('canvas.pointing').count()) > 0) return;
  }
}

/** Clicks on one point; returns the time until its face was painted, in milliseconds. */
async function click(page: Page, places: Iterator<Place, never>): Promise<number> {
  await aim(page, places);
  const measured = watched<number>(page, 'probe.nextClick()', async () => {
    await page.mouse.down();
    await page.mouse.up();
  });
  const ms = await Promise.race([measured, pause(PATIENCE_MS, undefined, { ref: false })]);
  if (ms === undefined) throw new UnravelError('internal', 'A click on a point did not change the face.');
  await pause(LOOK_MS);
  return ms;
}

/** Starts the training and waits for its first step. Returns a function that gives the number of its steps. */
async function startTraining(client: Client): Promise<() => Promise<number>> {
  const [dataset] = await client.request('datasets.list', {});
  const { id } = await client.request('jobs.start', {
    kind: 'train',
    dataset: dataset!.id,
    config: TRAINING,
  });
  const stepsDone = async (): Promise<number> => {
    const job = (await client.request('jobs.list', {})).find((one) => one.id === id);
    if (job?.state === 'running') return job.progress?.done ?? 0;
    throw new UnravelError('internal', `The training is ${job?.state ?? 'gone'}.`, {
      hint: job?.error?.message ?? '',
    });
  };
  while ((await stepsDone()) === 0) await pause(500);
  return stepsDone;
}

/** Checks that the face on the screen equals the engine's decode of the pinned image, byte for byte. */
async function checkPixels(page: Page, client: Client): Promise<void> {
  const number = await page.getByRole('textbox', { name: 'Number of the image' }).inputValue();
  const run = (await client.request('runs.list', {})).find(({ name }) => name === 'Starter')!;
  const { reconstruction } = await client.request('models.posterior', {
    run: run.id,
    dataset: run.dataset!.id,
    index: Number(number.replace(/\D/g, '')) - 1,
  });
  const shown = await page.evaluate<number[]>('probe.livePixels()');
  if (Buffer.from(shown).equals(reconstruction!.data)) return;
  throw new UnravelError('internal', 'The live face is not what the engine decodes for the clicked point.');
}

/** How long a click on a point takes to show its face while the same processor trains. */
export async function benchmarkClicks(context: Context, stage: Stage): Promise<Outcome> {
  const plan = planFor(context, { rounds: 5, steps: 10, warmUp: 2 });
  const served = await serve();
  const client = await connectTo(served);
  try {
    const page = await openApp(stage, served.url);
    await firstPicture(page);
    const scatter = (await page.getByRole('region', { name: 'Latent codes' }).boundingBox())!;
    const places = placesIn(scatter);
    const clickOften = async (clicks: number): Promise<{ ms: number[] }> => {
      const ms: number[] = [];
      for (let i = 0; i < clicks; i++) ms.push(await click(page, places));
      return { ms };
    };
    context.log('app: clicks without training');
    const [idle] = await alternate([windowWorker('clicks', clickOften)], { ...plan, rounds: 1 });
    const stepsDone = await startTraining(client);
    const before = { steps: await stepsDone(), atMs: performance.now() };
    const [busy] = await alternate([windowWorker('clicks while training', clickOften)], plan, (round) =>
      context.log(`app: clicks while training, round ${round} of ${plan.rounds}`),
    );
    const steps = (await stepsDone()) - before.steps;
    const seconds = (performance.now() - before.atMs) / 1000;
    await checkPixels(page, client);
    await page.context().close();
    const idleMs = `${median(idle!.stepMs).toFixed(0)} ms, idle`;
    const { min, max } = spread(busy!.medianMs);
    return {
      figures: [
        {
          benchmark: 'app',
          what: `click on a point while a VAE trains, until its face is painted: median of ${busy!.stepMs.length}`,
          value: median(busy!.stepMs),
          range: [min, max],
          unit: 'ms',
          peer: idleMs,
          goal: { is: 'at most', value: 100 },
        },
        {
          benchmark: 'app',
          what: 'the same, 95 of 100 are quicker than',
          value: quantile(busy!.stepMs, 0.95),
          unit: 'ms',
          peer: `${quantile(idle!.stepMs, 0.95).toFixed(0)} ms, idle`,
        },
      ],
      series: [idle!, busy!],
      notes: [
        `app: while points were clicked the training did ${steps} steps of ${TRAINING.batchSize} images in ${seconds.toFixed(0)} s.`,
      ],
    };
  } finally {
    client.close();
    await served.stop();
  }
}
