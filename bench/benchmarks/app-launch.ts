import { serve } from '../app/served.ts';
import { firstPicture, openApp, windowWorker, type Stage } from '../app/window.ts';
import { planFor, type Context } from '../context.ts';
import { valueOf, type Outcome } from '../figures.ts';
import { alternate } from '../harness/rounds.ts';
import { spread } from '../harness/statistics.ts';

/** Measures the first launch, with a new workspace and an empty browser profile. */
export async function benchmarkLaunch(context: Context, stage: Stage): Promise<Outcome> {
  const plan = planFor(context, { rounds: 5, steps: 1, warmUp: 1 });
  const startMs: number[] = [];
  const worker = windowWorker('first launch', async (steps) => {
    const ms: number[] = [];
    for (let step = 0; step < steps; step++) {
      const served = await serve();
      try {
        const page = await openApp(stage, served.url);
        ms.push(await firstPicture(page));
        startMs.push(served.startMs);
        await page.context().close();
      } finally {
        await served.stop();
      }
    }
    return { ms };
  });
  const [launch] = await alternate([worker], plan, (round) =>
    context.log(`app: first launch ${round} of ${plan.rounds}`),
  );
  return {
    figures: [
      {
        benchmark: 'app',
        what: 'first launch: from the start of the window until points and a face are painted',
        ...valueOf(spread(launch!.stepMs.map((ms) => ms / 1000))),
        unit: 's',
        goal: { is: 'at most', value: 3 },
      },
      {
        benchmark: 'app',
        what: 'first launch: from the command "unravel serve" to its address, before that',
        ...valueOf(spread(startMs.map((ms) => ms / 1000))),
        unit: 's',
      },
    ],
    series: [launch!],
  };
}
