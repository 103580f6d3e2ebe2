import { ourCommand, planFor, type Context } from '../context.ts';
import { pythonCommand } from '../environment.ts';
import { valueOf, type Outcome } from '../figures.ts';
import { alternate } from '../harness/rounds.ts';
import { spread } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';
import { KEEP_MEMORY } from './training.ts';

/**
 * Measures what a step costs apart from arithmetic: the paper's VAE with two channels in every hidden layer and two
 * images per batch. On a device with infinitely fast arithmetic a step would take this long.
 */
export async function benchmarkDispatch(context: Context): Promise<Outcome> {
  const plan = planFor(context, { rounds: 5, steps: 30, warmUp: 5 });
  const size = ['--width', '2', '--batch', '2'];
  const [ours, torch] = await withWorkers(
    [
      ourCommand('Unravel, 2 channels', 'training', { width: '2', batch: '2' }),
      pythonCommand('PyTorch, 2 channels', 'train.py', size, KEEP_MEMORY),
    ],
    (workers) =>
      alternate(workers, plan, (round) => context.log(`dispatch: round ${round} of ${plan.rounds}`)),
  );
  const floorOf = spread(ours!.medianMs);
  const peer = spread(torch!.medianMs);
  return {
    figures: [
      {
        benchmark: 'dispatch',
        what: 'calls into TensorFlow per training step',
        value: ours!.last.calls ?? Number.NaN,
        unit: 'calls',
      },
      {
        benchmark: 'dispatch',
        what: 'dispatch floor: a step with next to no arithmetic',
        ...valueOf(floorOf),
        unit: 'ms',
        peer: `${peer.median.toFixed(1)} ms`,
        goal: { is: 'at most', value: 20 },
      },
    ],
    series: [ours!, torch!],
  };
}
