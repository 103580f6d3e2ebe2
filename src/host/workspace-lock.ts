import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { makePrivateFolder } from '../system/private.ts';
import { removeFile } from '../system/remove.ts';

/** A workspace that this host alone works in. */
export interface WorkspaceLock {
  release(): Promise<void>;
}

/**
 * Takes a workspace for one host: two would start the same queue of trainings twice. The lock is a socket that is
 * listened on, because the system lets go of it when its holder dies, however it dies.
 *
 * @param workspace - made if it is missing
 * @throws UnravelError `conflict` while another host of this person has it, `bad-input` where it cannot be made
 */
export async function lockWorkspace(workspace: string): Promise<WorkspaceLock> {
  await makeFolder(workspace);
  const address = workspaceAddress(await realpath(workspace));
  for (;;) {
    const server = await listen(address);
    if (server) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    if (await isAnswered(address)) {
      throw new UnravelError('conflict', `Unravel is already running with the workspace ${workspace}.`, {
        path: workspace,
        hint: 'Use that window, or name another folder with --workspace.',
      });
    }
    // Its holder was killed, and has left the socket's name behind.
    await removeFile(address);
  }
}

async function makeFolder(workspace: string): Promise<void> {
  try {
    await makePrivateFolder(workspace);
  } catch (cause) {
    throw new UnravelError('bad-input', `The workspace ${workspace} could not be made.`, {
      path: workspace,
      cause,
      hint: 'Name a folder that you may write to with --workspace.',
    });
  }
}

/**
 * Where a workspace's host listens.
 *
 * @param workspace - its real path
 */
export function workspaceAddress(workspace: string): string {
  const key = createHash('sha256').update(`${userInfo().username}\n${workspace}`).digest('hex').slice(0, 24);
  return process.platform === 'win32' ? `\\\\.\\pipe\\unravel-${key}` : join(tmpdir(), `unravel-${key}.sock`);
}

/** Undefined where the name is taken. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(address, () => {
      // Waiting for others is no reason to stay.
      server.unref();
      resolve(server);
    });
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
