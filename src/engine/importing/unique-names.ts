import { extname } from 'node:path';

/**
 * Makes names of which no two are the same, in a time that grows with their number however many are equal.
 */
export class UniqueNames {
  readonly #taken = new Set<string>();
  /** Where counting goes on for a name that has occurred before. */
  readonly #next = new Map<string, number>();
  readonly #numbered: (name: string, number: number) => string;

  /** @param numbered - a name with a number, from 2 on, for one that is taken */
  constructor(numbered: (name: string, number: number) => string) {
    this.#numbered = numbered;
  }

  /** @returns the name itself, or with the first number that makes it unique */
  take(name: string): string {
    let unique = name;
    let next = this.#next.get(name) ?? 2;
    while (this.#taken.has(unique)) unique = this.#numbered(name, next++);
    this.#next.set(name, next);
    this.#taken.add(unique);
    return unique;
  }
}

/** Unique names of files: a second `face.jpg` becomes `face (2).jpg`. */
export function uniqueFileNames(): UniqueNames {
  return new UniqueNames((name, number) => {
    const ending = extname(name);
    return `${name.slice(0, name.length - ending.length)} (${number})${ending}`;
  });
}
