import { ourCommand, planFor, type Context } from '../context.ts';
import { pythonCommand } from '../environment.ts';
import { valueOf, type Figure, type Outcome } from '../figures.ts';
import { alternate, type Series } from '../harness/rounds.ts';
import { median, pairedRatio, quantile } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';
import { speed } from './training.ts';

interface Sides {
  readonly ours: Series;
  /** PyTorch in the memory layout that is faster on this machine. */
  readonly torch: Series;
  readonly all: readonly Series[];
}

async function decode(context: Context, batch: number, steps: number): Promise<Sides> {
  const plan = planFor(context, { rounds: 6, steps, warmUp: Math.min(20, steps) });
  const size = ['--batch', String(batch)];
  const all = await withWorkers(
    [
      ourCommand(`Unravel decode ${batch}`, 'decoding', { batch: String(batch) }),
      pythonCommand(`PyTorch decode ${batch}, NCHW`, 'decode.py', size),
      pythonCommand(`PyTorch decode ${batch}, channels last`, 'decode.py', [...size, '--channels-last']),
    ],
    (workers) =>
      alternate(workers, plan, (round) => context.log(`decode ${batch}: round ${round} of ${plan.rounds}`)),
  );
  const [ours, ...peers] = all as [Series, Series, Series];
  const [torch] = peers.sort((a, b) => median(a.medianMs) - median(b.medianMs));
  return { ours, torch: torch, all };
}

function ms(values: readonly number[]): string {
  return `${median(values).toFixed(1)} ms`;
}

/** Latents to images in an array, as Explore asks for them: one at a time, and 64 for a sheet. */
export async function benchmarkDecoding(context: Context): Promise<Outcome> {
  const one = await decode(context, 1, 100);
  const many = await decode(context, 64, 8);
  const figures: Figure[] = [
    {
      benchmark: 'decode',
      what: `one latent, median time against ${one.torch.name}`,
      ...valueOf(pairedRatio(one.ours.medianMs, one.torch.medianMs)),
      unit: '×',
      ours: ms(one.ours.medianMs),
      peer: ms(one.torch.medianMs),
      goal: { is: 'at most', value: 1.2 },
    },
    {
      benchmark: 'decode',
      what: 'one latent, 99 of 100 are quicker than',
      value: quantile(one.ours.stepMs, 0.99),
      unit: 'ms',
      peer: `${quantile(one.torch.stepMs, 0.99).toFixed(1)} ms`,
      goal: { is: 'at most', value: 10 },
    },
    {
      benchmark: 'decode',
      what: `64 latents, images per second against ${many.torch.name}`,
      ...valueOf(speed(many.ours, many.torch)),
      unit: '×',
      ours: ms(many.ours.medianMs),
      peer: ms(many.torch.medianMs),
      goal: { is: 'at least', value: 1 },
    },
  ];
  return { figures, series: [...one.all, ...many.all] };
}
