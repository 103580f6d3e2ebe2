import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivate } from './private.ts';

/** The folders of a workspace, and the file by which Unravel's own folders in them are recognised. */
const STORES = [
  { name: 'datasets', info: 'dataset.json' },
  { name: 'runs', info: 'run.json' },
] as const;

/** Files of a workspace. The host handles its temporary folder itself. */
const FILES = ['jobs.json', 'jobs.json.damaged', 'starter.json'];

/**
 * Removes the permissions of other users from what Unravel has made in a workspace, because earlier versions left them
 * to the umask. The workspace folder itself is not changed, because it may be a folder that the person had before; nor
 * is a folder in it that holds anything other than data sets or runs.
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

/** The entries of a folder; undefined where it does not exist or is a link. */
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
