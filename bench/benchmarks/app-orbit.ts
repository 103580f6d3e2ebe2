import type { Page } from 'playwright-core';
import { startBrowser, WINDOW } from '../app/browser.ts';
import { buildPageScript } from '../app/page-script.ts';
import { swing, type Place } from '../app/ways.ts';
import { dragFor, watched, windowWorker } from '../app/window.ts';
import { planFor, type Context } from '../context.ts';
import { valueOf, type Outcome } from '../figures.ts';
import { alternate, undisturbed } from '../harness/rounds.ts';
import type { Worker } from '../harness/worker.ts';
import { median, pairedRatio } from '../harness/statistics.ts';

const DRAG_MS = 5000;
/** The time for one movement back and forth. */
const SWING_MS = 2500;
/** The ends of the pointer's movement, inside the scatter's canvas. */
const [LEFT, RIGHT, MIDDLE] = [60, 580, 300];

/** The measurements of an orbit by the pointer, see bench/renderer/orbit.ts. */
interface Orbit {
  readonly frameMs: readonly number[];
  readonly longTasksMs: readonly number[];
}

/** Turns the scatter by dragging the pointer back and forth. */
async function orbit(page: Page): Promise<Orbit> {
  const at = (ms: number): Place => ({ x: swing(LEFT, RIGHT, ms / SWING_MS), y: MIDDLE });
  await page.mouse.move(at(0).x, at(0).y);
  return watched<Orbit>(page, 'orbit.nextDrag()', () => dragFor(page, DRAG_MS, at));
}

function side(page: Page, name: string, call: 'ours' | 'bare'): Worker {
  return windowWorker(name, async (steps) => ({
    ms: await page.evaluate<number[]>(`orbit.${call}(${steps})`),
  }));
}

/**
 * Measures whether 202,599 points turn as smoothly in the app's scatter as in a bare `THREE.Points`.
 *
 * @param chromium - its program. It is started with a graphics card's compositing: without a card the page's thread
 *   waits for every frame of WebGL, and its tasks would say how fast SwiftShader is instead of what the page does.
 */
export async function benchmarkOrbit(context: Context, chromium: string): Promise<Outcome> {
  const plan = planFor(context, { rounds: 6, steps: 20, warmUp: 4 });
  const script = await buildPageScript('orbit');
  const browser = await startBrowser(chromium, 'card');
  try {
    const page = await browser.newPage({ viewport: WINDOW });
    await page.addScriptTag({ content: script });
    const sides = [side(page, 'scatter', 'ours'), side(page, 'bare THREE.Points', 'bare')];
    const [ours, bare] = await alternate(sides, plan, (round) =>
      context.log(`app: orbit, round ${round} of ${plan.rounds}`),
    );
    context.log('app: orbit by the pointer');
    const { result, rerun, disturbed } = await undisturbed(plan.reruns, () => orbit(page));
    const frameMs = median(result.frameMs);
    return {
      figures: [
        {
          benchmark: 'app',
          what: 'orbit of 202599 points: time of a frame against bare THREE.Points',
          ...valueOf(pairedRatio(ours!.medianMs, bare!.medianMs)),
          unit: '×',
          ours: `${median(ours!.medianMs).toFixed(1)} ms`,
          peer: `${median(bare!.medianMs).toFixed(1)} ms`,
          goal: { is: 'at most', value: 1.3 },
        },
        {
          benchmark: 'app',
          what: `orbit of 202599 points by the pointer for 5 s (a frame each ${frameMs.toFixed(0)} ms): tasks longer than 50 ms`,
          value: result.longTasksMs.length,
          unit: 'tasks',
          goal: { is: 'at most', value: 0 },
        },
      ],
      series: [
        ours!,
        bare!,
        {
          name: 'orbit by the pointer',
          medianMs: [frameMs],
          stepMs: result.frameMs,
          cpuMs: [],
          peakBytes: undefined,
          last: { ms: [...result.frameMs] },
          rerun,
          disturbed: disturbed ? 1 : 0,
        },
      ],
    };
  } finally {
    await browser.close();
  }
}
