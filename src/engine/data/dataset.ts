import type { Column, DatasetInfo } from '../../contract/dataset.ts';

/** A data set that can be read from: what it is, and its images, names and columns. */
export interface Dataset {
  readonly info: DatasetInfo;
  /** Each image's name: for imported files the path inside the folder, with `/`. */
  names(): Promise<readonly string[]>;
  /**
   * A label's or factor's value for every image.
   *
   * @returns `[images]`; NaN where the value is not known
   */
  column(column: Column): Promise<Float32Array>;
  /**
   * Reads images in the order asked for.
   *
   * @param indices - which images; each below `info.images`
   * @returns `[indices.length, imageSize, imageSize, channels]`, bytes
   */
  readImages(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** Lets go of the files. */
  close(): Promise<void>;
}
