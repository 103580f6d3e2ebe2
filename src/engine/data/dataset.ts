import type { Column, DatasetInfo } from '../../contract/dataset.ts';

/** An open data set: its description, and access to its images, names and columns. */
export interface Dataset {
  readonly info: DatasetInfo;
  /** Each image's name: for imported files the path inside the folder, with `/`. */
  names(): Promise<readonly string[]>;
  /**
   * A label's or factor's value for every image.
   *
   * @returns `[images]`; NaN where the value is unknown
   */
  column(column: Column): Promise<Float32Array>;
  /**
   * Reads images in the order of `indices`.
   *
   * @param indices - which images; each below `info.images`
   * @returns `[indices.length, imageSize, imageSize, channels]`, bytes
   */
  readImages(indices: ArrayLike<number>): Promise<Uint8Array>;
  /** Closes the files. */
  close(): Promise<void>;
}
