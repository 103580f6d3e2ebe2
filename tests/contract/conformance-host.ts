import { join } from 'node:path';
import type { JobOrder } from '../../src/contract/job.ts';
import { tensor, type Tensor } from '../../src/contract/tensor.ts';
import { Host } from '../../src/host/host.ts';
import { answeringEngine, FakeProcesses, type FakeProcess } from '../host/fake-processes.ts';
import { aRun } from '../host/samples.ts';

/** A host as the conformance cases need it: real but for its processes, which answer at once. */
export async function startConformanceHost(workspace: string): Promise<Host> {
  const processes = new FakeProcesses();
  const run = aRun('starter');
  const engine = answeringEngine({
    'runs.list': () => [run],
    'models.sample': ({ seed }: { seed: number }) =>
      tensor(
        'f32',
        [4],
        Float32Array.from({ length: 4 }, (_, i) => Math.sin(seed + i)),
      ),
    'models.decode': ({ z }: { z: Tensor<'f32'> }) => {
      const [count, latentDim] = z.shape as [number, number];
      const images = new Uint8Array(count * 64 * 64 * 3);
      for (let i = 0; i < count; i++) {
        const code = z.data.subarray(i * latentDim, (i + 1) * latentDim);
        images.fill(
          Math.abs(Math.round(1e4 * code.reduce((sum, value) => sum + value))),
          i * 12_288,
          (i + 1) * 12_288,
        );
      }
      return tensor('u8', [count, 64, 64, 3], images);
    },
    'datasets.remove': () => ({}),
    'datasets.restore': () => ({}),
  });
  processes.onStart = (process) => {
    if (process.kind === 'job')
      process.onMessage = (message) => perform(process, message as { order: JobOrder });
    else refuseUnknownRuns(engine, process);
  };
  return Host.start({
    startProcess: processes.start,
    workspace,
    userFolder: join(workspace, '..', 'user'),
    door: 'browser',
    version: '0.0.0',
  });
}

/** The engine's own refusal, in front of its answers. */
function refuseUnknownRuns(engine: (process: FakeProcess) => void, process: FakeProcess): void {
  engine(process);
  const answer = process.onMessage;
  process.onMessage = (message) => {
    const { id, input } = message as { id: number; input: { run?: string } };
    if (input.run === undefined || input.run === 'starter') answer(message);
    else process.fail(id, { code: 'not-found', message: `There is no run ${input.run}.` });
  };
}

function perform(process: FakeProcess, { order }: { order: JobOrder }): void {
  if (order.kind !== 'sample-data') return;
  process.report({ type: 'progress', progress: { done: 4, total: 8, rate: 100, unit: 'images' } });
  process.report({ type: 'done', result: { dataset: 'faces-1' } });
  setTimeout(() => process.exit(0), 1);
}
