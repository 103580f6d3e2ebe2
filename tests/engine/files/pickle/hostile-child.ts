import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnravelError } from '../../../../src/contract/errors.ts';
import { openWorkspace } from '../../../../src/engine/basics/workspace.ts';
import { importForeignModel } from '../../../../src/engine/runs/import-foreign.ts';
import { hostileFiles } from './hostile.ts';

// The process that opens the hostile files: it may crash or hang, and its parent then knows at which file.

/** What became of a file. */
export interface Opened {
  readonly name: string;
  /** Why it was refused; undefined if it was opened, which it must not be. */
  readonly reason: string | undefined;
  /** What is wrong with the reason. */
  readonly complaint: string | undefined;
  readonly cpuSeconds: number;
}

/** What the process reports at its end. */
export interface Outcome {
  readonly opened: readonly Opened[];
  readonly peakMegabytes: number;
}

const [folder = ''] = process.argv.slice(2);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** The most memory since the process began. */
function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}

const opened: Opened[] = [];
const path = join(folder, 'hostile.pt');
const workspace = openWorkspace(join(folder, 'workspace'));
for (const { name, bytes, says } of hostileFiles(join(folder, 'trace'))) {
  writeFileSync(path, bytes);
  writeFileSync(join(folder, 'now'), name);
  const start = cpuSeconds();
  let reason: string | undefined;
  let complaint: string | undefined;
  try {
    await importForeignModel(workspace, path);
  } catch (error) {
    if (error instanceof UnravelError) reason = error.message;
    else complaint = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  if (reason !== undefined && !/^Could not (open|read) .*: .+\.$/s.test(reason))
    complaint = `no sentence: ${reason}`;
  if (reason !== undefined && reason.length > 1000) complaint = `${reason.length} characters`;
  if (says !== undefined && reason?.includes(says) === false) complaint = `says ${reason}, not ${says}`;
  opened.push({ name, reason, complaint, cpuSeconds: cpuSeconds() - start });
}
writeFileSync(
  join(folder, 'outcome.json'),
  JSON.stringify({ opened, peakMegabytes: peakMegabytes() } satisfies Outcome),
);
