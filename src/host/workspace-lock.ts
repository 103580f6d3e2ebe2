import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { UnravelError } from '../contract/errors.ts';
import { lockFolder, type Lock } from '../system/lock.ts';
import { makePrivateFolder } from '../system/private.ts';

/**
 * Locks a workspace for one host, because two hosts would both start the queued jobs.
 *
 * @param workspace - made if it is missing
 * @throws UnravelError `conflict` while another host holds the lock, `bad-input` where it cannot be made or locked
 */
export async function lockWorkspace(workspace: string): Promise<Lock> {
  await makeFolder(workspace);
  const lock = await lockFolder(workspace).catch(async (error: unknown) => {
    // Any number of hosts may show a read-only workspace, because none can change it.
    if (await isReadOnly(workspace)) return { release: () => undefined };
    throw error;
  });
  if (lock) return lock;
  throw new UnravelError('conflict', `Unravel is already running with the workspace ${workspace}.`, {
    path: workspace,
    hint: 'Use that window, or close it first.',
    remedy: 'other-workspace',
  });
}

function isReadOnly(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => false,
    () => true,
  );
}

async function makeFolder(workspace: string): Promise<void> {
  try {
    await makePrivateFolder(workspace);
  } catch (cause) {
    throw new UnravelError('bad-input', `The workspace ${workspace} could not be created.`, {
      path: workspace,
      cause,
      hint: 'Unravel needs a folder that it may write to.',
      remedy: 'choose-workspace',
    });
  }
}
