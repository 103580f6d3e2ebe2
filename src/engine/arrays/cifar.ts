import { UnravelError } from '../../contract/errors.ts';
import { shownText } from '../../contract/shown-text.ts';
import { readPickle } from '../files/pickle/machine.ts';
import { PickleArray, PickleRefusal, type PickleDict, type PickleValue } from '../files/pickle/values.ts';
import type { Numbers } from '../files/numbers.ts';
import type { ArrayArchive, LabelMeaning, StoredArray } from './archive.ts';
import { columnArray, stackedArray, type RowsPart } from './made-array.ts';
import type { SetFile } from './set-file.ts';

// CIFAR-10 and CIFAR-100 (Krizhevsky 2009), as pickles of Python or as its “binary version”.

const SIDE = 32;
const IMAGE_BYTES = 3 * SIDE * SIDE;
/** The largest file of the original has 156 MB. */
const MOST_BYTES = 400 * 2 ** 20;
const MOST_META_BYTES = 1 << 20;
const BATCH = /^(data_batch_\d+|test_batch)(\.bin)?$/;
const OTHERS = new Set([
  'batches.meta',
  'batches.meta.txt',
  'train',
  'test',
  'meta',
  'train.bin',
  'test.bin',
  'fine_label_names.txt',
  'coarse_label_names.txt',
]);

/** Labels of a file's images: the names they have in pickles and here, and the lists of their words. */
interface LabelKind {
  readonly pickled: string;
  readonly name: string;
  readonly pickledWords: string;
  readonly words: string;
}

const CLASSES: readonly LabelKind[] = [
  { pickled: 'labels', name: 'class', pickledWords: 'label_names', words: 'batches.meta.txt' },
];
/** In the binary version the coarse label comes first. */
const FINE_AND_COARSE: readonly LabelKind[] = [
  {
    pickled: 'coarse_labels',
    name: 'superclass',
    pickledWords: 'coarse_label_names',
    words: 'coarse_label_names.txt',
  },
  { pickled: 'fine_labels', name: 'class', pickledWords: 'fine_label_names', words: 'fine_label_names.txt' },
];

/** One form that CIFAR is published in. */
interface Form {
  readonly title: string;
  readonly isTrain: (name: string) => boolean;
  readonly isTest: (name: string) => boolean;
  /** The files of images as they are published. */
  readonly published: readonly string[];
  readonly isPickled: boolean;
  /** The pickle with the words of the classes. */
  readonly meta: string;
  /** A file by which it is recognised beside its images. */
  readonly needs?: string;
  readonly labels: readonly LabelKind[];
}

const FORMS: readonly Form[] = [
  {
    title: 'CIFAR-10',
    isTrain: (name) => /^data_batch_\d+$/.test(name),
    isTest: (name) => name === 'test_batch',
    published: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`).concat('test_batch'),
    isPickled: true,
    meta: 'batches.meta',
    labels: CLASSES,
  },
  {
    title: 'CIFAR-10',
    isTrain: (name) => /^data_batch_\d+\.bin$/.test(name),
    isTest: (name) => name === 'test_batch.bin',
    published: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`).concat('test_batch.bin'),
    isPickled: false,
    meta: '',
    labels: CLASSES,
  },
  {
    title: 'CIFAR-100',
    isTrain: (name) => name === 'train',
    isTest: (name) => name === 'test',
    published: ['train', 'test'],
    isPickled: true,
    meta: 'meta',
    needs: 'meta',
    labels: FINE_AND_COARSE,
  },
  {
    title: 'CIFAR-100',
    isTrain: (name) => name === 'train.bin',
    isTest: (name) => name === 'test.bin',
    published: ['train.bin', 'test.bin'],
    isPickled: false,
    meta: '',
    needs: 'fine_label_names.txt',
    labels: FINE_AND_COARSE,
  },
];

/** True for a name that only a file of CIFAR-10's images has. */
export function isCifarBatchName(name: string): boolean {
  return BATCH.test(name);
}

/** True for a name that a file of CIFAR may have. */
export function isCifarName(name: string): boolean {
  return BATCH.test(name) || OTHERS.has(name);
}

function formOf(files: readonly SetFile[]): Form | undefined {
  const has = (name: string): boolean => files.some((file) => file.name === name);
  return FORMS.find(
    ({ isTrain, isTest, needs }) =>
      files.some(({ name }) => isTrain(name) || isTest(name)) && (needs === undefined || has(needs)),
  );
}

/** True for the files of one of CIFAR's folders. */
export function areCifar(files: readonly SetFile[]): boolean {
  return formOf(files) !== undefined;
}

function broken(file: SetFile, what: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${file.path}: ${what}.`, {
    path: file.path,
    hint: 'Download it again.',
  });
}

function textOf(value: PickleValue): string | undefined {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : undefined;
}

/** An entry of a dictionary, whose keys are byte strings where Python 3 wrote them anew. */
function entryOf(dict: PickleDict, name: string): PickleValue | undefined {
  for (const [key, value] of dict) if (textOf(key) === name) return value;
  return undefined;
}

function unpickled(file: SetFile, mostBytes: number): PickleDict {
  if (file.size > mostBytes) throw broken(file, 'it is larger than any file of CIFAR');
  try {
    const { value } = readPickle(file.read());
    if (value instanceof Map) return value;
  } catch (error) {
    if (error instanceof PickleRefusal) throw broken(file, error.message);
    throw error;
  }
  throw broken(file, 'it is a pickle, but no dictionary as CIFAR’s are');
}

/** The contents of one file. */
interface Batch {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly count: number;
  /** The codes of each kind of label. */
  readonly labels: readonly Uint8Array<ArrayBuffer>[];
}

function codesOf(file: SetFile, value: PickleValue | undefined, count: number): Uint8Array<ArrayBuffer> {
  if (!Array.isArray(value) || value.length !== count) throw broken(file, 'its labels are missing');
  const isCode = (item: PickleValue): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= 255;
  if (!value.every(isCode)) throw broken(file, 'its labels are no small whole numbers');
  return Uint8Array.from(value);
}

function pickledBatch(file: SetFile, { labels }: Form): Batch {
  const dict = unpickled(file, MOST_BYTES);
  const data = entryOf(dict, 'data');
  if (!(data instanceof PickleArray)) throw broken(file, 'its array “data” is missing');
  const [count = 0, width] = data.shape;
  const isImages = data.shape.length === 2 && width === IMAGE_BYTES && data.dtype?.code === 'u1';
  if (!isImages || data.isFortran || data.bytes?.length !== count * IMAGE_BYTES) {
    throw broken(file, 'its array “data” is not [images, 3072] bytes');
  }
  return {
    pixels: data.bytes,
    count,
    labels: labels.map(({ pickled }) => codesOf(file, entryOf(dict, pickled), count)),
  };
}

function binaryBatch(file: SetFile, { labels }: Form): Batch {
  if (file.size > MOST_BYTES) throw broken(file, 'it is larger than any file of CIFAR');
  const bytes = file.read();
  const recordBytes = labels.length + IMAGE_BYTES;
  if (bytes.length % recordBytes !== 0) throw broken(file, 'its size is not that of whole images of CIFAR');
  const count = bytes.length / recordBytes;
  const pixels = new Uint8Array(count * IMAGE_BYTES);
  const codes = labels.map(() => new Uint8Array(count));
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * recordBytes, (i + 1) * recordBytes);
    codes.forEach((own, kind) => (own[i] = record[kind]!));
    pixels.set(record.subarray(labels.length), i * IMAGE_BYTES);
  }
  return { pixels, count, labels: codes };
}

/** The words of the classes; undefined where they are not beside the images. */
function wordsOf(files: readonly SetFile[], form: Form, kind: LabelKind): string[] | undefined {
  const file = files.find(({ name }) => name === (form.isPickled ? form.meta : kind.words));
  if (!file) return undefined;
  if (form.isPickled) {
    const words = entryOf(unpickled(file, MOST_META_BYTES), kind.pickledWords);
    const texts = Array.isArray(words) ? words.map(textOf) : [];
    return texts.every((text) => text !== undefined) && texts.length > 0 ? texts.map(shownText) : undefined;
  }
  if (file.size > MOST_META_BYTES) throw broken(file, 'it is larger than a list of classes');
  const words = file
    .read()
    .toString('utf8')
    .split('\n')
    .map((line) => shownText(line.trim()));
  return words.filter((word) => word !== '');
}

/** Says which files of images are missing beside the others; nothing of a file that was chosen by itself. */
function missingFiles({ title, published, isTrain, isTest }: Form, files: readonly SetFile[]): string[] {
  const there = files.filter(({ name }) => isTrain(name) || isTest(name)).map(({ name }) => name);
  const missing = published.filter((name) => !there.includes(name));
  if (there.length < 2 || missing.length === 0) return [];
  return [
    `${missing.join(', ')} of ${title} ${missing.length === 1 ? 'is' : 'are'} missing, so it is not complete.`,
  ];
}

/**
 * Opens the files of a folder of CIFAR-10 or CIFAR-100: its pickles, of which nothing is executed, or its binary version.
 *
 * @param path - of the folder or archive
 * @param files - all files of it
 * @throws UnravelError `bad-input`
 */
export function openCifar(path: string, files: readonly SetFile[], close: () => void): ArrayArchive {
  const form = formOf(files)!;
  let kept: { readonly file: SetFile; readonly batch: Batch } | undefined;
  const batchOf = (file: SetFile): Batch => {
    if (kept?.file !== file)
      kept = { file, batch: form.isPickled ? pickledBatch(file, form) : binaryBatch(file, form) };
    return kept.batch;
  };
  const splits = [
    { split: 'train', files: files.filter(({ name }) => form.isTrain(name)) },
    { split: 'test', files: files.filter(({ name }) => form.isTest(name)) },
  ].filter((part) => part.files.length > 0);
  const meanings = form.labels.map((kind): LabelMeaning => {
    const categories = wordsOf(files, form, kind);
    return { isFactor: false, ...(categories ? { categories } : {}) };
  });
  const arrays = new Map<string, StoredArray>();
  for (const { split, files: own } of splits) {
    const prefix = splits.length > 1 ? `${split}_` : '';
    const sorted = [...own].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    const labels = form.labels.map((): Uint8Array<ArrayBuffer>[] => []);
    const parts = sorted.map((file): RowsPart => {
      const { count, labels: codes } = batchOf(file);
      codes.forEach((values, kind) => labels[kind]!.push(values));
      return {
        count,
        // eslint-disable-next-line @typescript-eslint/require-await -- a file is read as a whole
        async *rows(from, to) {
          yield batchOf(file).pixels.subarray(from * IMAGE_BYTES, to * IMAGE_BYTES) as Numbers;
        },
      };
    });
    const images = stackedArray(
      { type: 'uint8', row: [3, SIDE, SIDE], isReversed: false, canSeek: true },
      parts,
    );
    arrays.set(`${prefix}images`, images);
    form.labels.forEach(({ name }, kind) => {
      const codes = new Uint8Array(Buffer.concat(labels[kind]!));
      arrays.set(`${prefix}${name}`, columnArray('uint8', codes, meanings[kind]));
    });
  }
  const hasWords = meanings.every(({ categories }) => categories);
  return {
    path,
    kind: `${form.title} folder`,
    arrays,
    refused: [],
    notes: [
      ...missingFiles(form, files),
      ...(hasWords
        ? []
        : [`The names of ${form.title}’s classes do not lie beside its images, so they are numbers.`]),
    ],
    close,
  };
}
