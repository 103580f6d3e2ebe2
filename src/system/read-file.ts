import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';
import type * as v from 'valibot';
import { UnravelError } from '../contract/errors.ts';
import { parseJson, type JsonTextRule } from '../contract/parse-json.ts';

/** How a file is opened. */
export interface OpenRule {
  /** Whether a link is followed: only for a file that a person has named, never for one in a workspace. */
  readonly followLinks?: boolean;
}

/** How a file is opened and read. */
export interface ReadRule extends OpenRule {
  /** Maximum size in bytes; a larger file is refused without reading it. */
  readonly mostBytes: number;
}

/** Windows has neither flag, and no pipes among its files. */
const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants as { O_RDONLY: number } & Partial<
  Record<'O_NONBLOCK' | 'O_NOFOLLOW', number>
>;

function refuse(path: string, what: string, cause?: unknown): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: ${what}.`, {
    path,
    cause,
    hint: 'Put a copy of the file in its place.',
  });
}

/** The error for a file that could not be opened. */
export function explainOpenError(path: string, cause: unknown): UnravelError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  // FreeBSD reports EMLINK where Linux and macOS report ELOOP.
  if (code === 'ELOOP' || code === 'EMLINK')
    return refuse(path, 'it is a link, which is not followed', cause);
  // A socket, or a device that does not exist.
  if (code === 'ENXIO') return refuse(path, 'it is not a regular file', cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UnravelError('not-found', `Could not open ${path}.`, {
      path,
      cause,
      hint: 'Check the name, and that you may read it.',
    });
  }
  // The file exists, so this must not be `not-found`: a caller might otherwise write a new one in its place.
  const isRefused = code === 'EACCES' || code === 'EPERM';
  return refuse(
    path,
    isRefused ? 'this user may not read it' : `the system refuses (${String(code)})`,
    cause,
  );
}

// O_NONBLOCK: a pipe without a writer must be refused, not waited for.
const flagsOf = ({ followLinks = false }: OpenRule): number =>
  O_RDONLY | (O_NONBLOCK ?? 0) | (followLinks ? 0 : (O_NOFOLLOW ?? 0));

const mustLookForLink = ({ followLinks = false }: OpenRule): boolean =>
  !followLinks && O_NOFOLLOW === undefined;

function checkNoLink(path: string, status: Stats): void {
  if (status.isSymbolicLink()) throw refuse(path, 'it is a link, which is not followed');
}

/** @returns the size of a file that is regular and not too large */
function checkedSize(path: string, status: Stats, mostBytes: number): number {
  if (!status.isFile()) throw refuse(path, 'it is not a regular file');
  if (status.size <= mostBytes) return status.size;
  throw refuse(path, `it is too large: ${status.size} bytes, and at most ${mostBytes} are read`);
}

/**
 * Opens a regular file for reading; the caller closes it. A pipe, a device, a socket or a folder is refused without
 * waiting.
 *
 * @throws UnravelError `not-found`, or `bad-input` for what is not a regular file
 */
export async function openRegularFile(path: string, rule: OpenRule = {}): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    if (mustLookForLink(rule)) checkNoLink(path, await lstat(path));
    handle = await open(path, flagsOf(rule));
  } catch (error) {
    throw error instanceof UnravelError ? error : explainOpenError(path, error);
  }
  try {
    checkedSize(path, await handle.stat(), Infinity);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads the text of a regular file that a person has named, piece by piece. A pipe or a device is refused, because
 * reading one could not be interrupted.
 *
 * @throws UnravelError as {@link openRegularFile}
 */
export async function* readTextFile(path: string): AsyncGenerator<string> {
  const handle = await openRegularFile(path, { followLinks: true });
  try {
    yield* handle.createReadStream({ encoding: 'utf8', autoClose: false }) as AsyncIterable<string>;
  } finally {
    await handle.close();
  }
}

/**
 * Reads the bytes of a regular file that a person has named, piece by piece, like {@link readTextFile}.
 *
 * @throws UnravelError as {@link openRegularFile}
 */
export async function* readFilePieces(path: string): AsyncGenerator<Buffer> {
  const handle = await openRegularFile(path, { followLinks: true });
  try {
    yield* handle.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>;
  } finally {
    await handle.close();
  }
}

/**
 * Reads a whole file of limited size.
 *
 * @throws UnravelError `not-found`, or `bad-input` for what is not a regular file or too large
 */
export async function readBoundedFile(path: string, rule: ReadRule): Promise<Buffer> {
  const handle = await openRegularFile(path, rule);
  try {
    const bytes = Buffer.alloc(checkedSize(path, await handle.stat(), rule.mostBytes));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  } catch (error) {
    if (error instanceof UnravelError) throw error;
    throw refuse(path, 'the disk could not read it', error);
  } finally {
    await handle.close();
  }
}

/** How a JSON file is read and checked. */
export interface JsonRule<S extends v.GenericSchema> extends ReadRule, JsonTextRule<S> {}

/**
 * Reads a JSON file: a regular file of limited size, checked against a schema. Every JSON file that Unravel wrote is
 * read with this.
 *
 * @throws UnravelError `not-found`; `bad-input` with the path where the file cannot be used
 */
export async function readJsonFile<S extends v.GenericSchema>(
  path: string,
  rule: JsonRule<S>,
): Promise<v.InferOutput<S>> {
  let bytes: Buffer;
  try {
    bytes = await readBoundedFile(path, rule);
  } catch (error) {
    throw withHint(error, rule.hint);
  }
  return parseJson(path, bytes.toString('utf8'), rule);
}

/** The same synchronously, for files that are needed before the window can open. */
export function readJsonFileSync<S extends v.GenericSchema>(
  path: string,
  rule: JsonRule<S>,
): v.InferOutput<S> {
  let handle: number;
  try {
    if (mustLookForLink(rule)) checkNoLink(path, lstatSync(path));
    handle = openSync(path, flagsOf(rule));
  } catch (error) {
    throw error instanceof UnravelError ? error : explainOpenError(path, error);
  }
  try {
    const bytes = Buffer.alloc(checkedSize(path, fstatSync(handle), rule.mostBytes));
    const read = readSync(handle, bytes, 0, bytes.length, 0);
    return parseJson(path, bytes.subarray(0, read).toString('utf8'), rule);
  } finally {
    closeSync(handle);
  }
}

/** Replaces the hint of an error about an unusable file; a missing file keeps its own. */
function withHint(error: unknown, hint: string): unknown {
  if (!(error instanceof UnravelError) || error.code !== 'bad-input') return error;
  const { code, message, path, cause } = error;
  return new UnravelError(code, message, { ...(path === undefined ? {} : { path }), cause, hint });
}
