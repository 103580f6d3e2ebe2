import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWorkspace, type Workspace } from '../../../src/engine/basics/workspace.ts';

/** A workspace and a folder for sources, both new and removed with `remove`. */
export interface Scratch {
  readonly workspace: Workspace;
  readonly folder: string;
  remove(): Promise<void>;
}

export async function makeScratch(): Promise<Scratch> {
  const root = await mkdtemp(join(tmpdir(), 'unravel-data-'));
  return {
    workspace: openWorkspace(join(root, 'workspace')),
    folder: join(root, 'source'),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** Everything in the workspace's folder of data sets, hidden things too. */
export async function storedNames({ datasets }: Workspace): Promise<string[]> {
  return readdir(datasets).catch(() => []);
}
