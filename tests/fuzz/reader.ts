import type { Random } from '../../src/engine/basics/random.ts';

/** A reader of files or messages from outside, and how inputs for it are made. */
export interface Reader {
  readonly name: string;
  /** How many inputs it gets, beside the others. */
  readonly weight: number;
  /** Pictures of a hundred megapixels are decoded, which takes more than other readers may. */
  readonly mostMegabytes: number;
  /** Processor time for one input, of all threads. */
  readonly mostCpuSeconds: number;
  /** An input as it should be, which is read. */
  readonly valid: () => Buffer;
  /** An input that is edited: the same for the same random numbers. */
  readonly make: (random: Random) => Buffer | Promise<Buffer>;
  /**
   * Reads an input in every way that the program reads such a thing.
   *
   * @param input - the bytes
   * @param folder - an empty folder, in which anything may be written
   * @throws UnravelError or UnreadableImage where the input is refused
   */
  readonly read: (input: Buffer, folder: string) => Promise<void>;
}
