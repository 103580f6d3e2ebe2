/** `fs-native-extensions` for Node 12: its compiled part, which loads there, without the program that finds that. */

interface Locks {
  tryLock(fd: number, offset: number, length: number, isExclusive: boolean): void;
  unlock(fd: number, offset: number, length: number): void;
}

/** Where the compiled part lies; the bundler puts it here. */
declare const LOCKS: string;

const loaded = { exports: {} as Locks };
process.dlopen(loaded, LOCKS);

export function tryLock(
  fd: number,
  offset: number,
  length: number,
  { shared = false }: { readonly shared?: boolean } = {},
): boolean {
  try {
    loaded.exports.tryLock(fd, offset, length, !shared);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

export const unlock: Locks['unlock'] = (fd, offset, length) => loaded.exports.unlock(fd, offset, length);
