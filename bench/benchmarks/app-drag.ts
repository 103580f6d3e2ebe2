import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { serve } from '../app/served.ts';
import { swing, type Box, type Place } from '../app/ways.ts';
import { dragFor, firstPicture, openApp, watched, windowWorker, type Stage } from '../app/window.ts';
import { planFor, type Context } from '../context.ts';
import { valueOf, type Outcome } from '../figures.ts';
import { alternate } from '../harness/rounds.ts';
import { spread } from '../harness/statistics.ts';

const DRAG_MS = 3000;
/** There and back again. */
const SWING_MS = 1500;
/** The ends of the hand's way along a slider. */
const [FROM, TO] = [0.15, 0.85];
/** Afterwards the rest of the window catches up: strips and thread. */
const REST_MS = 500;

interface Drag {
  readonly ms: number;
  readonly painted: number;
  readonly moves: number;
}

/** Pulls a slider to and fro for three seconds. */
async function drag(page: Page, { x, y, width, height }: Box): Promise<Drag> {
  const at = (ms: number): Place => ({
    x: x + width * swing(FROM, TO, ms / SWING_MS),
    y: y + height / 2,
  });
  await page.mouse.move(at(0).x, at(0).y);
  return watched<Drag>(page, 'probe.nextDrag()', () => dragFor(page, DRAG_MS, at));
}

/** How many faces a second follow a slider to the screen. */
export async function benchmarkDrag(context: Context, stage: Stage): Promise<Outcome> {
  const plan = planFor(context, { rounds: 5, steps: 1, warmUp: 1 });
  const served = await serve();
  try {
    const page = await openApp(stage, served.url);
    await firstPicture(page);
    const slider = page.getByRole('slider').first();
    const moves: number[] = [];
    const worker = windowWorker('slider', async (steps) => {
      const ms: number[] = [];
      for (let step = 0; step < steps; step++) {
        await pause(REST_MS);
        const dragged = await drag(page, (await slider.boundingBox())!);
        ms.push(dragged.ms / dragged.painted);
        moves.push(dragged.moves / (dragged.ms / 1000));
      }
      return { ms };
    });
    const [dragged] = await alternate([worker], plan, (round) =>
      context.log(`app: slider ${round} of ${plan.rounds}`),
    );
    await page.context().close();
    return {
      figures: [
        {
          benchmark: 'app',
          what: `slider pulled for 3 s: decodes painted a second (the page heard ${spread(moves).median.toFixed(0)} moves)`,
          ...valueOf(spread(dragged!.stepMs.map((ms) => 1000 / ms))),
          unit: '/s',
          goal: { is: 'at least', value: 30 },
        },
      ],
      series: [dragged!],
    };
  } finally {
    await served.stop();
  }
}
