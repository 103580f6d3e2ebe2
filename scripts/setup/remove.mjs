import { randomBytes } from 'node:crypto';
import { constants, existsSync, rmdirSync, unlinkSync } from 'node:fs';
import { lstat, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, SetupError } from './failure.mjs';

/**
 * The one module of the project that may remove folders; ESLint refuses every other use of Node's functions for it.
 *
 * It never follows a link, and removes only folders of the user that it runs as. On Linux an opened folder keeps
 * its identity, whatever becomes of its name meanwhile, and everything below is reached through it: whoever puts a
 * link into the place of a folder that is being removed loses the link's target nothing.
 */

/** Where Linux names the folders that this process has open. */
const descriptors = '/proc/self/fd';
const hasDescriptors = existsSync(descriptors);

const filesAtOnce = 32;

/** A folder or file that is being written, or removed, by a process: `.<name>.<process>.<random>.part`. */
export const hiddenName = /^\..+\.\d+\.[0-9a-f]{8}\.part$/;

/**
 * @param {string} path
 * @returns {string} a new name beside it that listings pass over, and that {@link hiddenName} matches
 */
export function hiddenBeside(path) {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}.part`);
}

/**
 * Removes a folder and everything in it. That there is none is no error.
 *
 * @param {string} path
 * @param {{ byDescriptor?: boolean }} [options] - `byDescriptor`: false is what systems other than Linux do
 * @throws {SetupError} 'not-ours' where it is a link, no folder, or another user's; nothing is removed then
 */
export async function removeFolder(path, { byDescriptor = hasDescriptors } = {}) {
  await removeHeld(path, path, byDescriptor);
}

/**
 * Removes a file, or a link without what it leads to. That there is none is no error.
 *
 * @param {string} path
 */
export async function removeFile(path) {
  await unlink(path).catch(ignoreMissing);
}

/**
 * Removes a folder that has nothing in it; the system refuses any other, and links.
 *
 * @param {string} path
 */
export async function removeEmptyFolder(path) {
  await rmdir(path);
}

/**
 * Removes a file and the folder that was made for it alone, at once: for the end of a process, which waits for nothing.
 *
 * @param {string} path
 */
export function removeFileAndItsFolder(path) {
  unlinkSync(path);
  rmdirSync(dirname(path));
}

/**
 * Removes what has this name in a folder: a file or a link alone (never what the link leads to), a folder with
 * everything in it. A folder vanishes at once, under a hidden name that {@link removeLeftovers} knows, so that a
 * removal that is cut short leaves no half of it. That there is nothing is no error.
 *
 * @param {string} path
 * @throws {SetupError} 'not-ours' where it, or the folder that it lies in, is a link or another user's
 */
export async function removeEntry(path) {
  const parent = await hold(dirname(path), dirname(path), hasDescriptors).catch(ignoreMissing);
  if (!parent) return;
  try {
    const there = join(parent.at, basename(path));
    const found = await lstat(there).catch(ignoreMissing);
    if (!found) return;
    if (!found.isDirectory()) {
      await removeFile(there);
      return;
    }
    checkOurs(found, path);
    const hidden = hiddenBeside(there);
    await rename(there, hidden);
    await removeHeld(hidden, path, hasDescriptors);
  } finally {
    await parent.close();
  }
}

/**
 * Removes what processes that have ended left in a folder. Only names of one pattern go, and of these only real
 * folders and files of this user; what cannot be removed now is left for the next time. A parent that is a link or
 * another user's is left alone.
 *
 * @param {string} parent
 * @param {RegExp} pattern - of the whole name
 * @param {(path: string) => boolean | Promise<boolean>} [isInUse] - whether a process still needs it; without it none
 *   does, such as under a lock that they all take
 */
export async function removeLeftovers(parent, pattern, isInUse = () => false) {
  const folder = await hold(parent, parent, hasDescriptors).catch(() => undefined);
  if (!folder) return;
  try {
    for (const name of await readdir(folder.at)) {
      if (!pattern.test(name)) continue;
      const path = join(folder.at, name);
      const found = await lstat(path).catch(() => undefined);
      if (!found || !isOfThisUser(found) || !(found.isDirectory() || found.isFile())) continue;
      if (await isInUse(path)) continue;
      const removed = found.isDirectory()
        ? removeHeld(path, join(parent, name), hasDescriptors)
        : removeFile(path);
      await removed.catch(() => undefined);
    }
  } finally {
    await folder.close();
  }
}

/**
 * @param {string} path - may lead through a descriptor
 * @param {string} shown - the path that a person knows
 * @param {boolean} byDescriptor
 */
async function removeHeld(path, shown, byDescriptor) {
  const folder = await hold(path, shown, byDescriptor).catch(ignoreMissing);
  if (!folder) return;
  try {
    await empty(folder.at, shown, byDescriptor);
  } finally {
    await folder.close();
  }
  await rmdir(path).catch(ignoreMissing);
}

/**
 * @param {string} folder
 * @param {string} shown
 * @param {boolean} byDescriptor
 */
async function empty(folder, shown, byDescriptor) {
  const entries = await readdir(folder, { withFileTypes: true });
  const others = entries.filter((entry) => !entry.isDirectory());
  for (let i = 0; i < others.length; i += filesAtOnce) {
    const some = others.slice(i, i + filesAtOnce);
    await Promise.all(some.map(({ name }) => removeFile(join(folder, name))));
  }
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    await removeHeld(join(folder, entry.name), join(shown, entry.name), byDescriptor);
  }
}

/**
 * Opens a folder of this user's, so that it stays the same one while it is worked in.
 *
 * @param {string} path
 * @param {string} shown
 * @param {boolean} byDescriptor
 * @returns {Promise<{ at: string, close: () => Promise<void> }>} a path that leads to it
 */
async function hold(path, shown, byDescriptor) {
  checkOurs(await lstat(path), shown);
  if (!byDescriptor) return { at: path, close: () => Promise.resolve() };
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(
    (/** @type {unknown} */ error) => {
      // It was a folder a moment ago.
      throw ['ELOOP', 'ENOTDIR'].includes(codeOf(error) ?? '') ? refusal(shown, 'it is a link') : error;
    },
  );
  try {
    checkOurs(await handle.stat(), shown);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { at: `${descriptors}/${handle.fd}`, close: () => handle.close() };
}

/**
 * @param {import('node:fs').Stats} found
 * @param {string} shown
 */
function checkOurs(found, shown) {
  if (found.isSymbolicLink()) throw refusal(shown, 'it is a link');
  if (!found.isDirectory()) throw refusal(shown, 'it is not a folder');
  if (!isOfThisUser(found)) throw refusal(shown, 'it belongs to another user');
}

/** @param {import('node:fs').Stats} found */
function isOfThisUser({ uid }) {
  return process.getuid === undefined || uid === process.getuid();
}

/**
 * @param {string} path
 * @param {string} why
 */
function refusal(path, why) {
  return new SetupError(
    'not-ours',
    `${path} was not removed, because ${why}. See what it is, and remove it yourself if nobody needs it.`,
  );
}

/**
 * @param {unknown} error
 * @returns {undefined}
 */
function ignoreMissing(error) {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}
