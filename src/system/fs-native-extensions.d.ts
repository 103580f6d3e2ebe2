/** Types for the functions that are used of this package, which has none. */
declare module 'fs-native-extensions' {
  interface LockOptions {
    /** Whether others may hold the lock as shared, too; nobody can hold it exclusively then. */
    readonly shared?: boolean;
  }

  /**
   * Takes the operating system's lock on a part of an open file. It belongs to this file description and ends when its
   * descriptor is closed.
   *
   * @param length - 0 means to the end of the file, also when it grows
   * @returns false while it is held through another file description
   * @throws NodeJS.ErrnoException
   */
  export function tryLock(fd: number, offset: number, length: number, options?: LockOptions): boolean;
  export function unlock(fd: number, offset: number, length: number): void;
}
