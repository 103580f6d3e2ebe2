import type { SkippedFile } from '../../contract/dataset.ts';
import type { Numbers, NumberType } from '../files/numbers.ts';

/** Elements of an array: numbers or texts. */
export type Elements = Numbers | readonly string[];

/** A factor of images that stand in the order of a grid. */
export interface GridFactor {
  readonly name: string;
  /** How many values it has. */
  readonly size: number;
  /** The names of its values, where they have some. */
  readonly categories?: readonly string[];
}

/** What the numbers of an array mean as labels. */
export interface LabelMeaning {
  /** The names of the values 0, 1, 2 …, where they have some. */
  readonly categories?: readonly string[];
  /** Whether it is a factor that the images were made with. */
  readonly isFactor: boolean;
}

/** An array of an archive. Its elements are read on demand, because an array may be larger than the memory. */
export interface StoredArray {
  readonly type: NumberType | 'text';
  /** Its size along each axis as it is stored: the last axis varies fastest. */
  readonly shape: readonly number[];
  /**
   * Whether its author counts the axes in the reverse order, as in Fortran and MATLAB. An array of a MATLAB file that
   * its author calls [height, width, images] is stored as [images, width, height].
   */
  readonly isReversed: boolean;
  /** Whether any rows can be read without reading those before them. */
  readonly canSeek: boolean;
  /** What its numbers mean as labels, where its format tells. */
  readonly label?: LabelMeaning;
  /** What its axes before those of an image stand for, slowest first, where its format tells. */
  readonly grid?: readonly GridFactor[];
  /**
   * Reads the rows of the first axis from `from` up to, and not including, `to`.
   *
   * @returns pieces of whole rows, in order
   * @throws UnravelError `bad-input` if the file is damaged
   */
  rows(from: number, to: number): AsyncIterable<Elements>;
}

/** A file, or a folder of files, with named arrays. */
export interface ArrayArchive {
  readonly path: string;
  /** The kind of file, as it is called in messages: `NPZ`, `HDF5 file`. */
  readonly kind: string;
  readonly arrays: ReadonlyMap<string, StoredArray>;
  /** What is in it and cannot be read as an array, with the reasons. */
  readonly refused: readonly SkippedFile[];
  /** What a person should know of how it is read, in sentences. */
  readonly notes?: readonly string[];
  close(): void;
}

/** Maximum size of a piece of rows in bytes, unless one row is larger. */
export const PIECE_BYTES = 1 << 22;

/** The number of elements of an array. */
export function elementsOf({ shape }: Pick<StoredArray, 'shape'>): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** The number of elements of one row. */
export function rowElements({ shape }: Pick<StoredArray, 'shape'>): number {
  return shape.slice(1).reduce((product, n) => product * n, 1);
}

/** An array's shape as its author counts it. */
export function authorShape({
  shape,
  isReversed,
}: Pick<StoredArray, 'shape' | 'isReversed'>): readonly number[] {
  return isReversed ? [...shape].reverse() : shape;
}

/**
 * Joins pieces of numbers, which are of one type.
 *
 * @param length - the number of all elements
 */
async function joinedNumbers(
  first: Numbers,
  rest: AsyncIterator<Elements>,
  length: number,
): Promise<Numbers> {
  const all = new (first.constructor as new (length: number) => Numbers)(length);
  let done = 0;
  for (let piece: Elements | undefined = first; piece;) {
    (all as Uint8Array).set(piece as Uint8Array, done);
    done += piece.length;
    const next = await rest.next();
    piece = next.done ? undefined : next.value;
  }
  return all;
}

/** Reads all elements in the stored order, for arrays that fit in memory. */
export async function readElements(array: StoredArray): Promise<Elements> {
  const pieces = array.rows(0, array.shape[0] ?? 1)[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return array.type === 'text' ? [] : new Uint8Array(0);
  if (!Array.isArray(first.value)) {
    return joinedNumbers(first.value as Numbers, pieces, elementsOf(array));
  }
  const texts = [...(first.value as string[])];
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    for (const text of next.value as readonly string[]) texts.push(text);
  }
  return texts;
}

/** Reverses the axes of a table, `[columns, rows]` to `[rows, columns]`. */
export function transposed<T extends Elements>(elements: T, columns: number, rows: number): T {
  const result = elements.slice() as T;
  const into = result as unknown as unknown[];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) into[row * columns + column] = elements[column * rows + row];
  }
  return result;
}
