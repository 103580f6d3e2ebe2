import { constants, setPriority } from 'node:os';
import * as v from 'valibot';
import { errorPayload, UnravelError } from '../contract/errors.ts';
import { JobCommandSchema, type JobCommand, type JobReport } from '../contract/job-channel.ts';
import type { JobOrder } from '../contract/job.ts';
import { performJob } from './jobs/perform-job.ts';
import { openParentPort } from './serving/parent-port.ts';
import { openWorkspace } from './basics/workspace.ts';

// A job's process: hears what to do, does it, reports, says how it ended, and ends. It may be told to stop, and it
// may be killed at any moment: what it leaves behind is whole.

const port = openParentPort();
const stopping = new AbortController();
let hasStarted = false;

function report(message: JobReport): void {
  port.post(message);
}

function stop(): void {
  stopping.abort(new UnravelError('cancelled', 'Stopped before it was finished.'));
}

/** Jobs compute for minutes; a click is answered by another process, which must not wait for them. */
function yieldProcessor(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where it may not be lowered the job runs as it is.
  }
}

/** How the job ended: exactly one of these is told. */
async function endOf(workspace: string, order: JobOrder): Promise<JobReport> {
  const { signal } = stopping;
  try {
    const { result, isStopped } = await performJob(
      { workspace: openWorkspace(workspace), signal, report },
      order,
    );
    return { type: isStopped ? 'stopped' : 'done', result };
  } catch (error) {
    const wasStopped = signal.aborted && error instanceof UnravelError && error.code === 'cancelled';
    return wasStopped ? { type: 'stopped', result: {} } : { type: 'failed', error: errorPayload(error) };
  }
}

async function start({ workspace, order }: Extract<JobCommand, { type: 'start' }>): Promise<void> {
  yieldProcessor();
  report(await endOf(workspace, order));
  await port.flushed();
  process.exit();
}

port.onMessage((message) => {
  const command = v.safeParse(JobCommandSchema, message);
  if (!command.success) return;
  if (command.output.type === 'stop') {
    stop();
  } else if (!hasStarted) {
    hasStarted = true;
    void start(command.output);
  }
});
// A service manager that ends a service tells all of its processes at once.
process.on('SIGTERM', stop);
// Whoever started it has gone: it stops as if it were told to, and nobody hears how it ended.
port.onClose(() => {
  if (hasStarted) stop();
  else process.exit();
});
