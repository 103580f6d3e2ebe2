import type { Client } from '../../contract/client.ts';
import { UnravelError } from '../../contract/errors.ts';
import { isModelFile, isModelFolder, mayBeWeightFile, modelFilesAmong } from '../../contract/model-files.ts';
import { endingIn, PICTURE_FORMATS, READ_PICTURES, UNREAD_PICTURES } from '../../contract/picture-files.ts';
import type { Source } from '../../contract/operations/sources.ts';
import { shownText } from '../../contract/shown-text.ts';

/** A file that a person gave the page, not opened yet. */
export interface GivenFile {
  /** Relative to what was given, with `/`. */
  readonly path: string;
  readonly open: () => Promise<Blob>;
}

/** What was dropped or chosen: a folder's files, a zip, or loose images. */
export interface GivenFiles {
  /** What the data set is called if nobody says otherwise. */
  readonly name: string;
  readonly files: readonly GivenFile[];
}

/** How an upload stands, and how it is stopped. */
export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly done: number; readonly total: number }) => void;
}

/** About so many bytes travel in one message: few enough to stop soon, enough to be quick. */
export const BATCH_BYTES = 1_000_000;
/** The contract's limit. */
const BATCH_FILES = 512;
/** So many files are opened at once while the batch before is on its way. */
const OPENED_AT_ONCE = 32;

/** What an import reads, and tables that may label it; a video that lies beside the images stays where it is. */
const PICTURE = endingIn([...READ_PICTURES, ...UNREAD_PICTURES]);
const OTHER =
  /\.(csv|tsv|jsonl|ndjson|parquet|h5ad|txt|zip|tar|tgz|npz|npy|h5|hdf5|hdf|mat|idx)$|([-.]idx\d(-ubyte)?|\.tar|\.mat)\.gz$|[-.]idx\d(-ubyte)?$|^(.*\/)?(data_batch_\d+|test_batch|train|test)(\.bin)?$|^(.*\/)?(batches\.)?meta$/i;

function isWanted(path: string): boolean {
  const isKnown = PICTURE.test(path) || OTHER.test(path);
  return isKnown && !path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
}

/** Of a model's folder only the model, of everything else only what an import reads. */
function wantedOf(files: readonly GivenFile[]): GivenFile[] {
  const [only] = files;
  if (files.length === 1 && only && mayBeWeightFile(only.path)) return [only];
  const names = files.filter(({ path }) => !path.includes('/')).map(({ path }) => path);
  if (!isModelFolder(names)) return files.filter(({ path }) => isWanted(path));
  const ofModel = modelFilesAmong(names);
  return files.filter(({ path }) => ofModel.includes(path));
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new UnravelError('cancelled', 'The upload was stopped.');
}

/** A folder's entries; a reader gives them a hundred at a time until it gives none. */
async function readFolder(folder: FileSystemDirectoryEntry, signal: AbortSignal): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    throwIfStopped(signal);
    const more = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (more.length === 0) return entries;
    entries.push(...more);
  }
}

async function walk(
  entries: readonly FileSystemEntry[],
  prefix: string,
  found: GivenFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const entry of entries) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory) {
      const inside = await readFolder(entry as FileSystemDirectoryEntry, signal);
      await walk(inside, `${path}/`, found, signal);
    } else if (isWanted(path) || isModelFile(path.split('/').at(-1)!) || mayBeWeightFile(path)) {
      const file = entry as FileSystemFileEntry;
      found.push({
        path,
        open: () => new Promise((resolve, reject) => file.file(resolve, reject)),
      });
    }
  }
}

/**
 * The files of dropped entries, in the order in which the browser lists them. Of one folder the paths are those
 * inside it; of several things they begin with each one's own name.
 */
export async function filesOfEntries(
  entries: readonly FileSystemEntry[],
  signal: AbortSignal,
): Promise<GivenFiles> {
  const files: GivenFile[] = [];
  const [first] = entries;
  if (entries.length === 1 && first?.isDirectory) {
    await walk(await readFolder(first as FileSystemDirectoryEntry, signal), '', files, signal);
    return { name: first.name, files: wantedOf(files) };
  }
  await walk(entries, '', files, signal);
  return { name: nameOf(entries.map(({ name }) => name)), files: wantedOf(files) };
}

/** The files that a person chose in a dialog: a folder's, whose paths the browser tells, or loose ones. */
export function filesOfInput(chosen: readonly File[]): GivenFiles {
  const [folder] = chosen[0]?.webkitRelativePath.split('/') ?? [];
  const files = chosen.map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath.replace(/^[^/]+\//, ''),
    open: () => Promise.resolve(file),
  }));
  return { name: folder ? folder : nameOf(chosen.map(({ name }) => name)), files: wantedOf(files) };
}

/** One file's own name without its ending; several have none of their own. */
function nameOf(names: readonly string[]): string {
  const [first = 'images'] = names;
  return names.length === 1 ? first.replace(/(\.tar)?\.[^.]+$/i, '') : 'images';
}

/** A part of a file, as it travels. */
interface Piece {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it begins in its file. */
  readonly offset: number;
}

/**
 * Sends files to where the app is served, in their order, large ones in pieces. The next batch is read while the one
 * before travels.
 *
 * @throws UnravelError `bad-input` without a file that can be used, or with one that cannot be read; `cancelled`
 */
export async function upload(
  client: Client,
  { name, files }: GivenFiles,
  { signal, onProgress }: UploadOptions,
): Promise<Source> {
  if (files.length === 0) {
    throw new UnravelError('bad-input', `There are no images, no model and no codes in ${shownText(name)}.`, {
      hint: `Unravel reads ${PICTURE_FORMATS}, and folders, zips and tars of them. A model is a file of weights, such as model.pt or model.safetensors, or a folder that Unravel exported. Codes are a table such as CSV or Parquet, or arrays such as NPY or h5ad.`,
    });
  }
  const source = await client.request('sources.upload', { name: name.slice(0, 200) });
  try {
    await send(client, source, files, { signal, onProgress });
    return source;
  } catch (error) {
    discardSource(client, source);
    throw error;
  }
}

/** Lets the host remove what it holds of an upload. What it does not hear of goes when the page does. */
export function discardSource(client: Client, { source }: Source): void {
  client.request('sources.discard', { source }).catch(() => undefined);
}

async function send(
  client: Client,
  { source }: Source,
  files: readonly GivenFile[],
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  let done = 0;
  let batch: Piece[] = [];
  let bytes = 0;
  let ended = 0;
  let underWay: Promise<unknown> = Promise.resolve();

  async function sendBatch(): Promise<void> {
    const sent = batch;
    const whole = ended;
    batch = [];
    bytes = 0;
    ended = 0;
    await underWay;
    throwIfStopped(signal);
    underWay = client.request('sources.add', { source, files: sent }).then(() => {
      done += whole;
      onProgress({ done, total: files.length });
    });
    // Heard again where it is awaited; without this a failure in between counts as nobody's.
    underWay.catch(() => undefined);
  }

  onProgress({ done, total: files.length });
  for (let i = 0; i < files.length; i += OPENED_AT_ONCE) {
    throwIfStopped(signal);
    const opened = await Promise.all(files.slice(i, i + OPENED_AT_ONCE).map(openFile));
    for (const { path, blob } of opened) {
      for (let offset = 0; offset === 0 || offset < blob.size; offset += BATCH_BYTES) {
        throwIfStopped(signal);
        const piece = await readPiece(path, blob, offset);
        if (batch.length > 0 && bytes + piece.bytes.length > BATCH_BYTES) await sendBatch();
        batch.push(piece);
        bytes += piece.bytes.length;
        if (offset + BATCH_BYTES >= blob.size) ended += 1;
        if (batch.length >= BATCH_FILES) await sendBatch();
      }
    }
  }
  if (batch.length > 0) await sendBatch();
  await underWay;
  throwIfStopped(signal);
}

async function openFile({ path, open }: GivenFile): Promise<{ path: string; blob: Blob }> {
  try {
    return { path, blob: await open() };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

async function readPiece(path: string, blob: Blob, offset: number): Promise<Piece> {
  try {
    const bytes = await blob.slice(offset, offset + BATCH_BYTES).arrayBuffer();
    return { path, bytes: new Uint8Array(bytes), offset };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): UnravelError {
  return new UnravelError('bad-input', `The browser could not read ${path}.`, {
    cause,
    hint: 'Check that it is still there, and drop it again.',
  });
}
