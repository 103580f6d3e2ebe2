import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ourCommand, planFor, type Context } from '../context.ts';
import { pythonCommand } from '../environment.ts';
import { makeJpegFolder } from '../faces.ts';
import { valueOf, type Outcome } from '../figures.ts';
import { alternate } from '../harness/rounds.ts';
import { median } from '../harness/statistics.ts';
import { withWorkers } from '../harness/worker-process.ts';
import { scratchFolder } from '../paths.ts';
import { speed } from './training.ts';

const IMAGES = 4000;

/** A whole import of CelebA-sized JPEGs against Pillow's decoding into memory, both with a worker per processor. */
export async function benchmarkImport(context: Context): Promise<Outcome> {
  const folder = join(scratchFolder(), 'jpegs');
  const source = makeJpegFolder(folder, IMAGES);
  const workers = String(availableParallelism());
  const workspace = join(scratchFolder(), 'import-workspace');
  const plan = planFor(context, { rounds: 6, steps: 2, warmUp: 1 });
  const [ours, pillow] = await withWorkers(
    [
      ourCommand('Unravel import', 'importing', { folder, workspace, workers }),
      pythonCommand('Pillow', 'ingest.py', [folder, '--workers', workers]),
    ],
    (started) => alternate(started, plan, (round) => context.log(`import: round ${round} of ${plan.rounds}`)),
  );
  const rate = (ms: readonly number[]): string => `${Math.round((IMAGES / median(ms)) * 1000)} /s`;
  return {
    figures: [
      {
        benchmark: 'import',
        what: `${IMAGES} JPEGs of 178×218 (${source}), images per second against Pillow, ${workers} workers each`,
        ...valueOf(speed(ours!, pillow!)),
        unit: '×',
        ours: rate(ours!.medianMs),
        peer: rate(pillow!.medianMs),
        goal: { is: 'at least', value: 1.7 },
      },
    ],
    series: [ours!, pillow!],
  };
}
