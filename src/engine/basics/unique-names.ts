import { extname } from 'node:path';

/** Makes names unique. The time is proportional to their number, even if many are equal. */
export class UniqueNames {
  readonly #taken = new Set<string>();
  /** The next number for a name that has occurred before. */
  readonly #next = new Map<string, number>();
  readonly #numbered: (name: string, number: number) => string;

  /** @param numbered - adds a number, from 2 on, to a name that is taken */
  constructor(numbered: (name: string, number: number) => string) {
    this.#numbered = numbered;
  }

  /** @returns the name, with the first number that makes it unique if it is taken */
  take(name: string): string {
    let unique = name;
    let next = this.#next.get(name) ?? 2;
    while (this.#taken.has(unique)) unique = this.#numbered(name, next++);
    this.#next.set(name, next);
    this.#taken.add(unique);
    return unique;
  }
}

/** Makes file names unique: a second `face.jpg` becomes `face (2).jpg`. */
export function uniqueFileNames(): UniqueNames {
  return new UniqueNames((name, number) => {
    const ending = extname(name);
    return `${name.slice(0, name.length - ending.length)} (${number})${ending}`;
  });
}
