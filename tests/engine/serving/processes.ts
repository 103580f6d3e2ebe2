import { fork, type ChildProcess } from 'node:child_process';
import { createClient, type Client } from '../../../src/contract/client.ts';
import type { JobCommand, JobReport } from '../../../src/contract/job-channel.ts';
import type { JobOrder } from '../../../src/contract/job.ts';
import { builtEntry } from '../../../src/engine/basics/entry.ts';
import { childPort } from '../../../src/server/fork.ts';

/** An engine's process as the build has it, and a client of it. */
export interface RunningEngine {
  readonly child: ChildProcess;
  readonly client: Client;
  /** Lets go of it, upon which it ends. */
  close(): Promise<void>;
}

export function startEngine(workspace: string): RunningEngine {
  const child = fork(builtEntry('engine'), ['--workspace', workspace], { serialization: 'advanced' });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    client: createClient(childPort(child)),
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** A job's process as the build has it. */
export interface RunningJob {
  readonly child: ChildProcess;
  /** Everything that it has reported so far. */
  readonly reports: JobReport[];
  /** Resolves with its exit code; null when it was killed. */
  readonly exited: Promise<number | null>;
  stop(): void;
}

/** Starts a job. @param onReport - hears each report */
export function startJob(
  workspace: string,
  order: JobOrder,
  onReport: (report: JobReport, job: RunningJob) => void = () => undefined,
): RunningJob {
  const child = fork(builtEntry('job'), [], { serialization: 'advanced' });
  const reports: JobReport[] = [];
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const tell = (command: JobCommand): boolean => child.send(command);
  const job: RunningJob = { child, reports, exited, stop: () => void tell({ type: 'stop' }) };
  child.on('message', (message) => {
    const report = message as JobReport;
    reports.push(report);
    onReport(report, job);
  });
  tell({ type: 'start', workspace, order });
  return job;
}

/** What a job ended with: its last report, of which there must be exactly one end. */
export function endOf({ reports }: RunningJob): JobReport | undefined {
  const ends = reports.filter(({ type }) => type === 'done' || type === 'stopped' || type === 'failed');
  if (ends.length > 1) throw new Error(`${ends.length} ends: ${JSON.stringify(ends)}`);
  return ends[0] === reports.at(-1) ? ends[0] : undefined;
}
