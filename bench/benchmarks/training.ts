import { ourCommand, planFor, type Context } from '../context.ts';
import { pythonCommand } from '../environment.ts';
import { valueOf, type Figure, type Outcome } from '../figures.ts';
import { multipliesBfloat16 } from '../../src/engine/basics/processor.ts';
import { alternate, type Series } from '../harness/rounds.ts';
import { median, pairedRatio, type Spread } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';

/**
 * Tells glibc to keep freed memory instead of giving it back at every step. Worth 15 to 18 per cent to PyTorch and
 * nothing to us, so it belongs to PyTorch's best.
 */
export const KEEP_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '2000000000',
  MALLOC_TRIM_THRESHOLD_: '4000000000',
  MALLOC_TOP_PAD_: '134217728',
};

const [OURS, OURS_MIXED] = ['Unravel fp32', 'Unravel bf16'];
const [TORCH, TORCH_BF16, TORCH_PLAIN] = ['PyTorch fp32', 'PyTorch bf16', 'PyTorch fp32, plain allocator'];

/** The ratio of our images per second to the peer's, which is the inverse ratio of the times. */
export function speed(ours: Series, peer: Series): Spread {
  return pairedRatio(peer.medianMs, ours.medianMs);
}

function find(series: readonly Series[], name: string): Series {
  return series.find((one) => one.name === name)!;
}

/** Describes a series' peak memory. */
export function megabytes({ peakBytes }: Series): string {
  return peakBytes === undefined ? 'unknown' : `${Math.round(peakBytes / 1e6)} MB`;
}

/** PyTorch's fastest settings use more memory, so its plain settings are shown, too, without a goal. */
function memoryFigures(ours: Series, torch: Series, plain: Series): Figure[] {
  const against = (peer: Series): Figure[] => {
    if (ours.peakBytes === undefined || peer.peakBytes === undefined) return [];
    return [
      {
        benchmark: 'train',
        what: `peak memory, fp32, against ${peer.name}`,
        value: ours.peakBytes / peer.peakBytes,
        unit: '×',
        ours: megabytes(ours),
        peer: megabytes(peer),
      },
    ];
  };
  return [
    ...against(torch).map((figure) => ({ ...figure, goal: { is: 'at most', value: 1 } as const })),
    ...against(plain),
  ];
}

/** The paper's VAE at batch 128, one training step, against PyTorch's best on a processor. */
export async function benchmarkTraining(context: Context): Promise<Outcome> {
  const hasBfloat16 = multipliesBfloat16();
  const commands = [
    ourCommand(OURS, 'training'),
    pythonCommand(TORCH, 'train.py', [], KEEP_MEMORY),
    ...(hasBfloat16
      ? [
          ourCommand(OURS_MIXED, 'training', { precision: 'mixed' }),
          pythonCommand(TORCH_BF16, 'train.py', ['--bf16'], KEEP_MEMORY),
        ]
      : []),
  ];
  const plan = planFor(context, { rounds: 6, steps: 4 });
  const series = await withWorkers(commands, (workers) =>
    alternate(workers, plan, (round) => context.log(`training: round ${round} of ${plan.rounds}`)),
  );
  const [plain] = await withWorkers([pythonCommand(TORCH_PLAIN, 'train.py', [])], (workers) =>
    alternate(workers, { ...plan, rounds: 1, reruns: 0 }),
  );
  const [ours, torch] = [find(series, OURS), find(series, TORCH)];
  const figures: Figure[] = [
    {
      benchmark: 'train',
      what: 'images per second, fp32, against PyTorch’s best fp32',
      ...valueOf(speed(ours, torch)),
      unit: '×',
      ours: rate(ours),
      peer: rate(torch),
      goal: { is: 'at least', value: 1 },
      floor: { is: 'at least', value: 0.9 },
    },
  ];
  if (hasBfloat16) {
    const [mixed, autocast] = [find(series, OURS_MIXED), find(series, TORCH_BF16)];
    figures.push(
      {
        benchmark: 'train',
        what: 'images per second, --precision mixed, against PyTorch’s best fp32',
        ...valueOf(speed(mixed, torch)),
        unit: '×',
        ours: rate(mixed),
        peer: rate(torch),
        goal: { is: 'at least', value: 1.5 },
        floor: { is: 'at least', value: 1.3 },
      },
      {
        benchmark: 'train',
        what: 'PyTorch’s own bf16 autocast, against its best fp32',
        ...valueOf(speed(autocast, torch)),
        unit: '×',
        ours: rate(autocast),
        peer: rate(torch),
      },
    );
  }
  return {
    figures: [...figures, ...memoryFigures(ours, torch, plain!)],
    series: [...series, plain!],
    notes: hasBfloat16 ? [] : ['Mixed precision was left out: this processor does not multiply bfloat16.'],
  };
}

function rate({ medianMs }: Series): string {
  return `${median(medianMs).toFixed(0)} ms`;
}
