import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { decoding } from './workers/decoding.ts';
import { importing } from './workers/importing.ts';
import { mig } from './workers/mig.ts';
import { quality } from './workers/quality.ts';
import { training } from './workers/training.ts';
import { trainingOnData } from './workers/training-on-data.ts';
import type { Options, Work } from './workers/work.ts';

// Our side of a comparison, as bench/harness/worker-process.ts starts it: node bench-worker.js TASK [OPTIONS].

const tasks: Readonly<Record<string, (options: Options) => Promise<Work> | Work>> = {
  training,
  'training-on-data': trainingOnData,
  quality,
  decoding,
  importing,
  mig,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ['precision', 'width', 'batch', 'folder', 'workspace', 'workers', 'keep', 'dataset', 'posteriors'].map(
      (name) => [name, { type: 'string' as const }],
    ),
  ),
});
const task = tasks[positionals[0] ?? ''];
if (!task) throw new Error(`No task ${positionals[0] ?? ''}.`);
const work = await task(values);
for await (const line of createInterface(process.stdin)) {
  process.stdout.write(`${JSON.stringify(await work(Number(line)))}\n`);
}
