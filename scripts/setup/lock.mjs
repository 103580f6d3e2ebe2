import { spawn } from 'node:child_process';
import { open, mkdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './commands.mjs';
import { codeOf, SetupError } from './failure.mjs';

/** How often macOS and Windows are asked for a lock that another process holds. */
const askAgainMs = 100;

/** open(2) of macOS and the BSDs: O_EXLOCK | O_NONBLOCK. libuv on Windows: UV_FS_O_EXLOCK. Node gives them no names. */
const openLocked = process.platform === 'win32' ? 0x10000000 : 0x20 | 0x4;

/**
 * Runs `work` while no other process on this machine does. The lock is the operating system's, on an open file: it ends
 * with the process that holds it, however that ends, so there is never one to take over.
 *
 * @template T
 * @param {string} path - a file, which is made and stays; or, except on Windows, a folder that is there
 * @param {(lock: number) => Promise<T>} work - a process that is started with this descriptor keeps the lock until it
 *   ends, too
 * @param {{ onWait?: (() => void) | undefined }} [options] - `onWait` is called once if there is a wait
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { onWait } = {}) {
  await mkdir(dirname(path), { recursive: true });
  const handle = await (process.platform === 'linux' ? lockOnLinux : lockElsewhere)(path, onWait);
  try {
    return await work(handle.fd);
  } finally {
    await handle.close();
  }
}

/**
 * @param {string} path
 * @param {number} [flags]
 * @returns {Promise<import('node:fs/promises').FileHandle>}
 */
async function openFile(path, flags = 0) {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | flags, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EISDIR') throw error;
    return open(path, constants.O_RDONLY | flags);
  }
}

/**
 * A lock belongs to the opening of a file, which flock(1) inherits from us and shares with us.
 *
 * @param {string} path
 * @param {(() => void) | undefined} onWait
 */
async function lockOnLinux(path, onWait) {
  const handle = await openFile(path);
  try {
    if (await flock(handle, ['-x', '-n'])) return handle;
    onWait?.();
    if (await flock(handle, ['-x'])) return handle;
    throw new SetupError('no-lock', `Could not lock ${path}. Run the command again.`);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} handle
 * @param {string[]} options
 * @returns {Promise<boolean>} false while another process holds it
 */
function flock({ fd }, options) {
  const program = findProgram('flock');
  if (program === undefined) {
    throw new SetupError(
      'no-flock',
      'Two set-ups at once would damage each other, and the program flock, which keeps them apart, was not found. Install it (Debian, Ubuntu: sudo apt install util-linux) and run the command again.',
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...options, '3'], { stdio: ['ignore', 'ignore', 'pipe', fd] });
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 || complaint === '') resolve(code === 0);
      else reject(new Error(complaint.trim()));
    });
  });
}

/**
 * Where opening a file can lock it.
 *
 * @param {string} path
 * @param {(() => void) | undefined} onWait
 */
async function lockElsewhere(path, onWait) {
  for (let hasWaited = false; ; hasWaited = true) {
    try {
      return await openFile(path, openLocked);
    } catch (error) {
      if (!['EAGAIN', 'EWOULDBLOCK', 'EBUSY'].includes(codeOf(error) ?? '')) throw error;
    }
    if (!hasWaited) onWait?.();
    await sleep(askAgainMs);
  }
}
