/** A folder as a test writes it: names with sizes in bytes, or with what is inside. */
export interface Tree {
  readonly [name: string]: number | Tree;
}

/** A reader of entries gives so many at a time, as browsers do. */
const READ_AT_ONCE = 100;

/** What a browser would hand over for a dropped file or folder. */
export function fakeEntry(name: string, content: number | Tree): FileSystemEntry {
  if (typeof content === 'number') {
    const file = {
      name,
      isFile: true,
      isDirectory: false,
      file: (resolve: (file: Blob) => void) => resolve(fakeFile(name, content)),
    };
    return file as unknown as FileSystemFileEntry;
  }
  const folder = {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      const left = Object.entries(content).map(([inside, its]) => fakeEntry(inside, its));
      return {
        readEntries: (resolve: (entries: FileSystemEntry[]) => void) => resolve(left.splice(0, READ_AT_ONCE)),
      };
    },
  };
  return folder as unknown as FileSystemDirectoryEntry;
}

/** A file whose bytes tell where they lie, so that pieces in a wrong order are noticed. */
export function fakeFile(name: string, size: number): File {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i >> 8) ^ i;
  return new File([bytes], name);
}
