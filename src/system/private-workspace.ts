import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivate } from './private.ts';

/** The folders of a workspace, and the file that tells that a folder in them is Unravel's. */
const STORES = [
  { name: 'datasets', info: 'dataset.json' },
  { name: 'runs', info: 'run.json' },
] as const;

/** What lies beside them. A host's temporary folder is the host's concern. */
const FILES = ['jobs.json', 'jobs.json.damaged', 'starter.json'];

/**
 * Takes the rights of other users to what Unravel has made in a workspace away: workspaces of earlier versions have
 * what the umask gave. The workspace itself may be a folder that a person had before, and is left as it is; so is a
 * folder in it that holds anything else than data sets or runs.
 */
export async function makeWorkspacePrivate(workspace: string): Promise<void> {
  for (const { name, info } of STORES) await makeStorePrivate(join(workspace, name), info);
  for (const name of FILES) await makePrivate(join(workspace, name));
}

async function makeStorePrivate(store: string, info: string): Promise<void> {
  const entries = await realEntries(store);
  if (!entries) return;
  let isAllOurs = true;
  for (const entry of entries) {
    const path = join(store, entry.name);
    if (entry.isDirectory() && (await isFile(join(path, info)))) await makePrivate(path);
    else if (!entry.name.startsWith('.')) isAllOurs = false;
  }
  if (isAllOurs) await makePrivate(store);
}

/** Undefined where there is no such folder, or a link. */
async function realEntries(folder: string): Promise<Dirent[] | undefined> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return undefined;
  return readdir(folder, { withFileTypes: true }).catch(() => undefined);
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
