import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { link, mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hiddenBeside } from '../../scripts/setup/remove.mjs';
import { readRegularFile } from '../system/regular-file.ts';
import { removeFile } from '../system/remove.ts';

const KEY_FILE = 'queue.key';
const KEY_BYTES = 32;

/**
 * Shows whether a list of jobs was written by this person's Unravel for this folder. The seal is an HMAC-SHA256 of the
 * list and the workspace's real path, with a key in the person's own folder. Somebody else who makes or copies a
 * workspace does not have the key and cannot make a valid seal.
 */
export class QueueSeal {
  readonly #key: Buffer;
  readonly #workspace: string;

  private constructor(key: Buffer, workspace: string) {
    this.#key = key;
    this.#workspace = workspace;
  }

  /**
   * @param userFolder - the folder of the key; both are made if they are missing
   * @returns undefined where there is no key that this person alone may read: then no list counts as their own
   */
  static async open(workspace: string, userFolder: string): Promise<QueueSeal | undefined> {
    try {
      return new QueueSeal(await readOrMakeKey(userFolder), await realpath(workspace));
    } catch {
      return undefined;
    }
  }

  /** The seal of a list, in hexadecimal. */
  of(list: string): string {
    return createHmac('sha256', this.#key).update(`${this.#workspace}\0${list}`).digest('hex');
  }

  /** Whether a seal is valid for a list. */
  matches(list: string, seal: string): boolean {
    const [given, expected] = [Buffer.from(seal, 'hex'), Buffer.from(this.of(list), 'hex')];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}

async function readOrMakeKey(folder: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, KEY_FILE);
  const whole = hiddenBeside(path);
  try {
    await writeFile(whole, randomBytes(KEY_BYTES), { flag: 'wx', mode: 0o600 });
    // A link appears with all its bytes. If another process made a key at the same moment, that key is used.
    await link(whole, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await removeFile(whole);
  }
  const { bytes, status } = await readRegularFile(path, KEY_BYTES);
  const isOwn = process.getuid === undefined || status.uid === process.getuid();
  const isPrivate = process.platform === 'win32' || (status.mode & 0o077) === 0;
  if (bytes.length === KEY_BYTES && isOwn && isPrivate) return bytes;
  throw new Error(`${path} is not a key that only this user may read.`);
}
