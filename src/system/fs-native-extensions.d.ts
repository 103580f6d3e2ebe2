/** What we use of a package that carries no types. */
declare module 'fs-native-extensions' {
  interface LockOptions {
    /** Others may hold the lock shared, too, and nobody may hold it alone. */
    readonly shared?: boolean;
  }

  /**
   * Takes the operating system's lock on a part of an open file. It belongs to this opening of the file, and ends with
   * its descriptor.
   *
   * @param length - 0: to the end, however long the file becomes
   * @returns false while it is held through another opening of the file
   * @throws NodeJS.ErrnoException
   */
  export function tryLock(fd: number, offset: number, length: number, options?: LockOptions): boolean;
  export function unlock(fd: number, offset: number, length: number): void;
}
