import { hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { errorPayload, UnravelError } from '../../contract/errors.ts';
import { loadNative } from '../tensorflow/binding.ts';
import {
  BLOCK_IMAGES,
  Control,
  FileState,
  HASH_BYTES,
  pageOf,
  placeBytes,
  Remark,
  type ImportJob,
  type ImportWindow,
  type WorkerMessage,
  type WorkerTask,
} from './import-protocol.ts';
import { itemBytes, openItemReader, type ItemReader } from './read-item.ts';
import { measureImage, readImage, type RunExclusively } from '../image-files/read-image.ts';
import { UnreadableImage } from '../image-files/unreadable.ts';

// A worker thread of the import: takes files in blocks, decodes them into shared memory, and reports skipped files.

/** The import that this thread takes part in, and its shared memory. */
interface Part {
  readonly job: ImportJob;
  readonly control: Int32Array;
  readonly lock: Int32Array;
  readonly finished: Int32Array;
  readonly histogram: Int32Array | undefined;
  readonly files: ItemReader;
}

/** Files larger than this are read one at a time over all workers, because each may take hundreds of megabytes. */
const HUGE_FILE_BYTES = 32 * 1024 * 1024;

let part: Part | undefined;

function takePart(job: ImportJob): Part {
  return {
    job,
    files: openItemReader(job.origin),
    control: new Int32Array(job.control),
    lock: new Int32Array(job.lock),
    finished: new Int32Array(job.finished),
    histogram: job.histogram && new Int32Array(job.histogram),
  };
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

/** A hash of a picture's file, different for each picture in it. */
function hashOf(bytes: Buffer, page: number): Buffer {
  const whole = hash('sha256', bytes, 'buffer');
  return (page === 0 ? whole : hash('sha256', `${whole.toString('hex')} ${page}`, 'buffer')).subarray(
    0,
    HASH_BYTES,
  );
}

/** The reason for a skipped file as a sentence: never a stack trace or only a system's error code. */
function reasonOf(error: unknown): string {
  if (error instanceof UnreadableImage || error instanceof UnravelError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not allowed';
  if (code === 'ENOENT') return 'it does not exist any more';
  if (typeof code === 'string' && code.startsWith('E')) return `it could not be read (${code})`;
  return `it could not be decoded (${error instanceof Error ? error.message : String(error)})`;
}

/** Runs work while no other worker runs such work. */
function exclusively<T>({ lock, job }: Part, heavy: () => T): T {
  for (;;) {
    const holder = Atomics.compareExchange(lock, 0, 0, job.number);
    if (holder === 0) break;
    Atomics.wait(lock, 0, holder);
  }
  try {
    return heavy();
  } finally {
    Atomics.store(lock, 0, 0);
    Atomics.notify(lock, 0, 1);
  }
}

function work(mine: Part, window: ImportWindow, from: number, to: number): void {
  const { control, finished, job } = mine;
  const states = new Uint8Array(window.states);
  const remarks = new Uint8Array(window.remarks);
  const hashes = new Uint8Array(window.hashes);
  const bytesOfPlace = placeBytes(job.form.imageSize);
  Atomics.store(control, Control.window, window.id);
  Atomics.store(control, Control.blockEnd, to);
  for (let index = from; index < to; index++) {
    Atomics.store(control, Control.current, index);
    try {
      const item = window.items[index]!;
      const into = new Uint8Array(window.pixels, index * bytesOfPlace, bytesOfPlace);
      const read = (decodeExclusively: RunExclusively): 1 | 3 => {
        const bytes = mine.files.read(item);
        if (mine.histogram) {
          measureImage(bytes, mine.histogram, decodeExclusively, pageOf(item));
          return 1;
        }
        hashes.set(hashOf(bytes, pageOf(item)), index * HASH_BYTES);
        const read = readImage(bytes, job.form, into, decodeExclusively, pageOf(item));
        remarks[index] =
          (read.isTransparent ? Remark.transparent : 0) | (read.isOneOfSeveral ? Remark.oneOfSeveral : 0);
        return read.channels;
      };
      const channels =
        itemBytes(item) > HUGE_FILE_BYTES
          ? exclusively(mine, () => read((heavy) => heavy()))
          : read((heavy) => exclusively(mine, heavy));
      states[index] = channels === 1 ? FileState.grey : FileState.colour;
    } catch (error) {
      tell({ type: 'skipped', window: window.id, index, reason: reasonOf(error) });
      states[index] = FileState.skipped;
    }
    Atomics.add(finished, 0, 1);
  }
  Atomics.store(control, Control.current, -1);
}

function takeWindow(mine: Part, window: ImportWindow): void {
  const counter = new Int32Array(window.counter);
  if (window.inherited) work(mine, window, ...window.inherited);
  for (;;) {
    const from = Atomics.add(counter, 0, BLOCK_IMAGES);
    if (from >= window.items.length) break;
    work(mine, window, from, Math.min(from + BLOCK_IMAGES, window.items.length));
  }
  tell({ type: 'done', window: window.id });
}

function take(task: WorkerTask): void {
  if (task.type === 'window') {
    if (part) takeWindow(part, task);
    return;
  }
  part?.files.close();
  part = task.type === 'job' ? takePart(task) : undefined;
}

try {
  loadNative();
  parentPort?.on('message', take);
} catch (error) {
  tell({ type: 'failed', error: errorPayload(error) });
}
