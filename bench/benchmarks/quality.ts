import { ourCommand, type Context } from '../context.ts';
import type { Outcome } from '../figures.ts';
import { multipliesBfloat16 } from '../../src/engine/basics/processor.ts';
import { alternate } from '../harness/rounds.ts';
import { withWorkers } from '../harness/worker-process.ts';

/** Compares mixed precision with float32: held-out loss after the same number of steps from the same weights. */
export async function benchmarkQuality(context: Context): Promise<Outcome> {
  if (!multipliesBfloat16()) {
    return {
      figures: [],
      series: [],
      notes: ['The quality of mixed precision was left out: this processor does not multiply bfloat16.'],
    };
  }
  const steps = context.quick ? 4 : 60;
  context.log(`quality: ${steps} steps in fp32 and in bf16`);
  // One after the other: times do not matter here, and together they would take twice the memory.
  const losses: number[] = [];
  const series = [];
  for (const precision of ['full', 'mixed']) {
    const command = ourCommand(`Unravel ${precision}, ${steps} steps on faces`, 'quality', { precision });
    const [one] = await withWorkers([command], (workers) =>
      alternate(workers, { rounds: 1, steps, warmUp: 0, reruns: 0 }),
    );
    series.push(one!);
    losses.push(one!.last.loss ?? Number.NaN);
  }
  const [full, mixed] = losses as [number, number];
  return {
    figures: [
      {
        benchmark: 'quality',
        what: `held-out loss after ${steps} steps, bf16 apart from fp32 by`,
        value: (100 * Math.abs(mixed - full)) / full,
        unit: '%',
        ours: `${mixed.toFixed(1)} nats`,
        peer: `${full.toFixed(1)} nats`,
        goal: { is: 'at most', value: 1 },
      },
    ],
    series,
  };
}
