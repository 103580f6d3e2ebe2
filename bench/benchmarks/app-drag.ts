import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { serve } from '../app/served.ts';
import { swing, type Box, type Place } from '../app/ways.ts';
import { dragFor, firstPicture, openApp, watched, windowWorker, type Stage } from '../app/window.ts';
import { planFor, type Context } from '../context.ts';
import { valueOf, type Figure, type Outcome } from '../figures.ts';
import { alternate, type Series } from '../harness/rounds.ts';
import type { Worker } from '../harness/worker.ts';
import { median, spread } from '../harness/statistics.ts';

const DRAG_MS = 3000;
/** The time for one movement back and forth. */
const SWING_MS = 1500;
/** The ends of the pointer's movement along a slider. */
const [FROM, TO] = [0.15, 0.85];
/** The pause in which the rest of the window, strips and the latent path, is updated. */
const REST_MS = 500;

interface Drag {
  readonly ms: number;
  readonly painted: number;
  readonly moves: number;
}

/** Drags a slider back and forth for three seconds. */
async function drag(page: Page, { x, y, width, height }: Box): Promise<Drag> {
  const at = (ms: number): Place => ({
    x: x + width * swing(FROM, TO, ms / SWING_MS),
    y: y + height / 2,
  });
  await page.mouse.move(at(0).x, at(0).y);
  return watched<Drag>(page, 'probe.nextDrag()', () => dragFor(page, DRAG_MS, at));
}

/** A slider that is dragged, and the number of moves per second that the page received. */
class Slider {
  readonly worker: Worker;
  readonly #moves: number[] = [];

  /** @param row - in the list of dimensions, from 0 on */
  constructor(page: Page, name: string, row: number) {
    this.worker = windowWorker(name, async (steps) => {
      const ms: number[] = [];
      for (let step = 0; step < steps; step++) {
        await pause(REST_MS);
        // Measured each time, because an opening row moves those below it.
        const box = await page.getByRole('slider').nth(row).boundingBox();
        const dragged = await drag(page, box!);
        ms.push(dragged.ms / dragged.painted);
        this.#moves.push(dragged.moves / (dragged.ms / 1000));
      }
      return { ms };
    });
  }

  figure(what: string, { stepMs }: Series): Figure {
    return {
      benchmark: 'app',
      what: `${what}: decodes painted a second (of ${median(this.#moves).toFixed(0)} moves)`,
      ...valueOf(spread(stepMs.map((ms) => 1000 / ms))),
      unit: '/s',
      goal: { is: 'at least', value: 30 },
    };
  }
}

/** Measures how many faces per second are painted while a slider is dragged. */
export async function benchmarkDrag(context: Context, stage: Stage): Promise<Outcome> {
  const plan = planFor(context, { rounds: 5, steps: 1, warmUp: 1 });
  const served = await serve();
  try {
    const page = await openApp(stage, served.url);
    await firstPicture(page);
    const first = new Slider(page, 'slider of the first dimension', 0);
    const second = new Slider(page, 'slider of the second dimension', 1);
    const [onFirst, onSecond] = await alternate([first.worker, second.worker], plan, (round) =>
      context.log(`app: sliders, round ${round} of ${plan.rounds}`),
    );
    await page.context().close();
    return {
      figures: [
        first.figure('slider pulled for 3 s', onFirst!),
        second.figure('slider pulled whose pulls change the track below, too', onSecond!),
      ],
      series: [onFirst!, onSecond!],
    };
  } finally {
    await served.stop();
  }
}
