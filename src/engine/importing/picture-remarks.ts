import { Remark } from './import-protocol.ts';

/** How many pictures a remark is about, and the first one. */
interface Told {
  count: number;
  first: string;
}

function among({ count, first }: Told): string {
  return count === 1 ? first : `${count.toLocaleString('en')} pictures, such as ${first}`;
}

/** Counts what the threads say about the pictures that they read. */
export class PictureRemarks {
  readonly #told = new Map<number, Told>();

  /** @param bits - of {@link Remark} */
  add(file: string, bits: number): void {
    for (const remark of Object.values(Remark)) {
      if ((bits & remark) === 0) continue;
      const told = this.#told.get(remark);
      if (told) told.count += 1;
      else this.#told.set(remark, { count: 1, first: file });
    }
  }

  /** @param is - `was` after an import, `is` before it */
  sentences(is: 'is' | 'was'): string[] {
    const transparent = this.#told.get(Remark.transparent);
    const oneOfSeveral = this.#told.get(Remark.oneOfSeveral);
    return [
      ...(transparent ? [`Transparency ${is} laid over white in ${among(transparent)}.`] : []),
      ...(oneOfSeveral
        ? [`Only the primary picture ${is} taken of files that hold several: ${among(oneOfSeveral)}.`]
        : []),
    ];
  }
}
