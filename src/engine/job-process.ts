import { constants, setPriority } from 'node:os';
import * as v from 'valibot';
import { errorPayload, UnravelError } from '../contract/errors.ts';
import { JobCommandSchema, type JobCommand, type JobReport } from '../contract/job-channel.ts';
import type { JobOrder } from '../contract/job.ts';
import { performJob } from './jobs/perform-job.ts';
import { openParentPort } from './serving/parent-port.ts';
import { openWorkspace } from './basics/workspace.ts';

// The process of a job: receives an order, performs it with progress reports, sends a final report, and exits. It
// may be stopped by a message, or killed at any time: it never leaves incomplete files.

const port = openParentPort();
const stopping = new AbortController();
let hasStarted = false;

function report(message: JobReport): void {
  port.post(message);
}

function stop(): void {
  stopping.abort(new UnravelError('cancelled', 'Stopped before it was finished.'));
}

/** Lowers the priority, because the processes that answer the user must not wait for a job. */
function yieldProcessor(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // If lowering it is not allowed, the job runs with normal priority.
  }
}

/** Performs the job and returns its final report. */
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
// A service manager sends SIGTERM to all processes of a service at once.
process.on('SIGTERM', stop);
// The host has ended: the job stops as after a stop message.
port.onClose(() => {
  if (hasStarted) stop();
  else process.exit();
});
