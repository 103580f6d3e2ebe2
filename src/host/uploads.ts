import { mkdir, open, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import type { Input } from '../contract/operations.ts';
import type { Source } from '../contract/operations/sources.ts';
import { PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE } from '../system/private.ts';
import type { Grants } from './grants.ts';
import type { TemporaryFolders } from './temporary-folders.ts';

type UploadedFile = Input<'sources.add'>['files'][number];

/** The limits of an upload. */
export interface UploadLimits {
  /** Bytes in one upload. */
  readonly bytes: number;
  readonly files: number;
  /** Bytes that must stay free on the disk. */
  readonly keepFree: number;
}

const LIMITS: UploadLimits = { bytes: 64 * 2 ** 30, files: 2_000_000, keepFree: 2 ** 30 };

interface Upload {
  readonly folder: string;
  readonly files: Set<string>;
  bytes: number;
  /** The last addition; additions are written one after the other. */
  last: Promise<unknown>;
  /** Whether its folder is being removed, so that nothing more may be added. */
  isRemoved: boolean;
}

/**
 * Files that a browser sends because it cannot name their paths. They are kept until their import has ended, but not
 * after the client that sent them has disconnected, unless an import still needs them.
 */
export class Uploads {
  readonly #folders: TemporaryFolders;
  readonly #grants: Grants;
  readonly #limits: UploadLimits;
  readonly #uploads = new Map<string, Upload>();

  constructor(folders: TemporaryFolders, grants: Grants, limits: Partial<UploadLimits> = {}) {
    this.#folders = folders;
    this.#grants = grants;
    this.#limits = { ...LIMITS, ...limits };
  }

  /**
   * Begins an upload and grants it as a source.
   *
   * @param owner - the client that sends it
   */
  async begin(name: string, owner: object): Promise<Source> {
    let end = (): Promise<void> => Promise.resolve();
    // The folder's name is the default name of the data set.
    const folder = join(await this.#folders.make(owner, () => end()), folderName(name));
    const upload: Upload = { folder, files: new Set(), bytes: 0, last: Promise.resolve(), isRemoved: false };
    const paths = async (): Promise<string[]> => {
      await upload.last;
      return pathsOf(folder);
    };
    const source = this.#grants.addGrowingSource(name, paths, owner);
    end = async () => {
      upload.isRemoved = true;
      this.#uploads.delete(source.source);
      this.#grants.forgetSource(source.source);
      await upload.last;
    };
    await mkdir(folder, { mode: PRIVATE_FOLDER_MODE });
    this.#uploads.set(source.source, upload);
    return source;
  }

  /** Discards an upload that the client will not import. Does nothing for other sources. */
  discard(source: string): void {
    const upload = this.#uploads.get(source);
    if (upload) this.#folders.discard(upload.folder);
  }

  /** @throws UnravelError `not-found`, `bad-input` for a path outside the upload's folder, `disk-full` */
  async add(source: string, files: readonly UploadedFile[]): Promise<void> {
    const upload = this.#uploads.get(source);
    if (!upload) throw new UnravelError('not-found', 'This upload no longer exists. Upload the files again.');
    const added = upload.last.then(async () => {
      await this.#checkSpace(upload.folder, files);
      for (const file of files) {
        if (upload.isRemoved) throw new UnravelError('cancelled', 'The upload was stopped.');
        await this.#write(upload, file);
      }
    });
    upload.last = added.catch(() => undefined);
    await added;
  }

  async #write(upload: Upload, { path, bytes, offset = 0 }: UploadedFile): Promise<void> {
    checkRelative(path);
    const { bytes: mostBytes, files: mostFiles } = this.#limits;
    if (upload.bytes + bytes.length > mostBytes)
      throw tooMuch(`more than ${Math.floor(mostBytes / 2 ** 20).toLocaleString('en')} MB`);
    if (!upload.files.has(path) && upload.files.size >= mostFiles)
      throw tooMuch(`more than ${mostFiles.toLocaleString('en')} files`);
    const target = join(upload.folder, path);
    try {
      await mkdir(dirname(target), { recursive: true, mode: PRIVATE_FOLDER_MODE });
      const handle = await open(target, offset === 0 ? 'w' : 'r+', PRIVATE_FILE_MODE);
      try {
        const { size } = await handle.stat();
        if (offset !== size) throw pieceMismatch(path);
        // A nearly full disk may write only a part; the next write then fails with the reason.
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
          done += bytesWritten;
        }
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw explain(path, error);
    }
    upload.files.add(path);
    upload.bytes += bytes.length;
  }

  async #checkSpace(folder: string, files: readonly UploadedFile[]): Promise<void> {
    const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const space = await statfs(folder).catch(() => undefined);
    if (space && space.bavail * space.bsize - size < this.#limits.keepFree) {
      throw new UnravelError('disk-full', 'The upload was stopped: the disk is nearly full.', {
        hint: 'Free some space where Unravel runs, or open the folder there by its path.',
      });
    }
  }
}

/** The path of a single uploaded file (a zip or NPZ), or the folder of several files. */
async function pathsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const [only] = entries;
  return [entries.length === 1 && only?.isFile() ? join(folder, only.name) : folder];
}

function folderName(name: string): string {
  const safe = name.replace(/[\p{Cc}/\\:*?"<>|]/gu, '');
  return safe.replace(/^[. ]+|[. ]+$/g, '').slice(0, 80) || 'upload';
}

/** Maximum length of a file name on common file systems. */
const MOST_NAME_BYTES = 255;

/** @throws UnravelError `bad-input` for a path that is absolute or contains `..`, on any system */
function checkRelative(path: string): void {
  const isFine =
    !path.includes('\\') &&
    !path.includes('\0') &&
    path
      .split('/')
      .every(
        (name) =>
          name !== '' &&
          name !== '.' &&
          name !== '..' &&
          !/^[a-z]:/i.test(name) &&
          Buffer.byteLength(name) <= MOST_NAME_BYTES,
      );
  if (!isFine) {
    throw new UnravelError(
      'bad-input',
      `The file “${path.slice(0, 200)}” was not uploaded: its path is not valid inside a folder.`,
      {
        hint: 'Rename it, or leave it out.',
      },
    );
  }
}

function pieceMismatch(path: string): UnravelError {
  return new UnravelError(
    'bad-input',
    `A piece of ${path} is missing or was sent twice. Upload the file again.`,
  );
}

function tooMuch(what: string): UnravelError {
  return new UnravelError('bad-input', `The upload was stopped: it has ${what}.`, {
    hint: 'Copy the images to where Unravel runs, and open their folder there by its path.',
  });
}

function explain(path: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UnravelError('disk-full', `The upload was stopped at ${path}: the disk is full.`, {
      hint: 'Free some space where Unravel runs.',
    });
  }
  if (code === 'ENOENT') return pieceMismatch(path);
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new UnravelError(
      'bad-input',
      `${path} is the name of a file and of a folder. Rename one of them.`,
    );
  }
  return error;
}
