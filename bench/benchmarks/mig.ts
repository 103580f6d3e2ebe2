import { join } from 'node:path';
import { ourCommand, planFor, type Context } from '../context.ts';
import { canCompile, pythonCommand } from '../environment.ts';
import { valueOf, type Figure, type Outcome } from '../figures.ts';
import { alternate, type Series } from '../harness/rounds.ts';
import { median } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';
import { scratchFolder } from '../paths.ts';
import { writePosteriors } from '../posteriors.ts';
import { megabytes, speed } from './training.ts';

const CODES = 10_000;
/** Number of codes that are also measured in float64, without visible rounding errors. */
const FEW = 1000;

/** The part of a series that contains its MIG. */
type Measured = Pick<Series, 'last'>;

/**
 * How far apart two sides' MIG is, in per cent of the peer's. Where it is more than `percent` the benchmark fails:
 * sides that disagree do not do the same work.
 */
export function agreement(ours: Measured, peer: Measured, percent: number, what: string): Figure {
  const [a, b] = [ours.last.mig ?? Number.NaN, peer.last.mig ?? Number.NaN];
  const bound = { is: 'at most', value: percent } as const;
  return {
    benchmark: 'mig',
    what,
    value: 100 * Math.abs(a / b - 1),
    unit: '%',
    ours: a.toFixed(5),
    peer: b.toFixed(5),
    goal: bound,
    floor: bound,
  };
}

function faster(ours: Series, peer: Series): Figure {
  const ms = (series: Series): string => `${median(series.medianMs).toFixed(0)} ms`;
  return {
    benchmark: 'mig',
    what: `exact aggregate-posterior MIG on ${CODES} codes, speed against ${peer.name}`,
    ...valueOf(speed(ours, peer)),
    unit: '×',
    ours: ms(ours),
    peer: ms(peer),
  };
}

function memory(ours: Series, peer: Series): Figure[] {
  if (ours.peakBytes === undefined || peer.peakBytes === undefined) return [];
  return [
    {
      benchmark: 'mig',
      what: `peak memory against ${peer.name}`,
      value: ours.peakBytes / peer.peakBytes,
      unit: '×',
      ours: megabytes(ours),
      peer: megabytes(peer),
    },
  ];
}

/** Compares MIG of a few codes with float64, to show that the timed results are correct, not only equal. */
async function againstFloat64(context: Context): Promise<{ figure: Figure; series: readonly Series[] }> {
  const posteriors = join(scratchFolder(), `posteriors-${FEW}.safetensors`);
  await writePosteriors(posteriors, FEW);
  context.log(`mig: ${FEW} codes here and in float64`);
  const commands = [
    ourCommand(`Unravel, ${FEW} codes`, 'mig', { posteriors }),
    pythonCommand(`PyTorch float64, ${FEW} codes`, 'mig.py', [posteriors, '--double']),
  ];
  const series = await withWorkers(commands, (workers) =>
    alternate(workers, { rounds: 1, steps: 1, warmUp: 0, reruns: 0 }),
  );
  const what = `MIG of ${FEW} codes apart from PyTorch’s in float64 by`;
  return { figure: agreement(series[0]!, series[1]!, 0.001, what), series };
}

/**
 * The mutual information gap by the exact aggregate posterior, every code under every posterior, against the same in
 * PyTorch: as one writes it, and fused by its compiler where there is one.
 */
export async function benchmarkMig(context: Context): Promise<Outcome> {
  const posteriors = join(scratchFolder(), `posteriors-${CODES}.safetensors`);
  await writePosteriors(posteriors, CODES);
  // PyTorch writes compiled code into a folder that is removed afterwards.
  const compiledFolder = join(scratchFolder(), 'compiled');
  const compiles = await canCompile(compiledFolder);
  const commands = [
    ourCommand('Unravel MIG', 'mig', { posteriors }),
    pythonCommand('PyTorch', 'mig.py', [posteriors]),
    ...(compiles
      ? [
          pythonCommand('PyTorch, compiled', 'mig.py', [posteriors, '--compile'], {
            TORCHINDUCTOR_CACHE_DIR: compiledFolder,
          }),
        ]
      : []),
  ];
  const plan = planFor(context, { rounds: 6, steps: 1, warmUp: 1 });
  const [ours, torch, compiled] = (await withWorkers(commands, (workers) =>
    alternate(workers, plan, (round) => context.log(`mig: round ${round} of ${plan.rounds}`)),
  )) as [Series, Series, Series?];
  const few = await againstFloat64(context);
  const peers = compiled ? [torch, compiled] : [torch];
  const chosen = peers.map(({ name, last }) => `${name} took ${last.settings ?? 'its defaults'}`).join(', ');
  const leftOut =
    'mig: PyTorch compiled was left out, because it found no C++ compiler and headers of Python.';
  return {
    figures: [
      { ...faster(ours, torch), goal: { is: 'at least', value: 5 } },
      ...(compiled ? [faster(ours, compiled)] : []),
      ...memory(ours, torch),
      agreement(ours, torch, 0.1, `MIG of ${CODES} codes apart from PyTorch’s by`),
      few.figure,
    ],
    series: [ours, ...peers, ...few.series],
    notes: [`mig: ${chosen}, which was fastest here.`, ...(compiles ? [] : [leftOut])],
  };
}
