import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ourCommand, planFor, type Context } from '../context.ts';
import { makeJpegFolder } from '../faces.ts';
import { valueOf, type Figure, type Outcome } from '../figures.ts';
import { alternate, type Series } from '../harness/rounds.ts';
import { median, pairedRatio } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';
import { scratchFolder } from '../paths.ts';

/** The number of faces in CelebA. */
const CELEBA = 202_599;
const FEW = 2000;

/** Imports a folder of `count` replicated JPEGs in a new process and keeps the data set. */
async function importReplicated(context: Context, workspace: string, count: number): Promise<Series> {
  const folder = join(scratchFolder(), `jpegs-${count}`);
  makeJpegFolder(folder, count);
  context.log(`large: importing ${count} images`);
  const workers = String(availableParallelism());
  const command = ourCommand(`Unravel import of ${count}`, 'importing', {
    folder,
    workspace,
    workers,
    keep: 'yes',
  });
  const [series] = await withWorkers([command], (started) =>
    alternate(started, { rounds: 1, steps: 1, warmUp: 0, reruns: 0 }),
  );
  return series!;
}

/**
 * Measures whether a data set of CelebA's size needs more memory to import, or more time per step, than a small one.
 */
export async function benchmarkLarge(context: Context): Promise<Outcome> {
  const workspace = join(scratchFolder(), 'large-workspace');
  const few = await importReplicated(context, workspace, FEW);
  const many = await importReplicated(context, workspace, CELEBA);
  const plan = planFor(context, { rounds: 6, steps: 8, warmUp: 4 });
  const commands = [many, few].map((imported) =>
    ourCommand(`Unravel, training on ${imported.last.images ?? 0}`, 'training-on-data', {
      workspace,
      dataset: imported.last.dataset ?? '',
    }),
  );
  const [onMany, onFew] = await withWorkers(commands, (workers) =>
    alternate(workers, plan, (round) => context.log(`large: round ${round} of ${plan.rounds}`)),
  );
  const seconds = many.stepMs[0]! / 1000;
  const memory: Figure[] =
    many.peakBytes === undefined
      ? []
      : [
          {
            benchmark: 'large',
            what: `peak memory of importing ${CELEBA} images, which took ${seconds.toFixed(0)} s`,
            value: Math.round(many.peakBytes / 1e6),
            unit: 'MB',
            goal: { is: 'at most', value: 1000 },
          },
        ];
  return {
    figures: [
      ...memory,
      {
        benchmark: 'large',
        // The goal allows for noise; reading that did not keep up would take far longer.
        what: `time of a training step on ${CELEBA} images against one on ${FEW} (burgess)`,
        ...valueOf(pairedRatio(onMany!.medianMs, onFew!.medianMs)),
        unit: '×',
        ours: `${median(onMany!.medianMs).toFixed(0)} ms`,
        peer: `${median(onFew!.medianMs).toFixed(0)} ms`,
        goal: { is: 'at most', value: 1.05 },
      },
    ],
    series: [few, many, onMany!, onFew!],
  };
}
