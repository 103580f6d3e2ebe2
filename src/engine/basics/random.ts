/** A seeded source of numbers. The same seed and path give the same numbers on every machine. */
export interface Random {
  /** A number in [0, 1), with 32 random bits. */
  uniform(): number;
  /** An integer in [0, n). */
  integer(n: number): number;
  /** A draw from N(0, 1). */
  normal(): number;
  /** Fills an array with draws from N(0, 1) and returns it. */
  fillNormal(into: Float32Array): Float32Array;
  /** A random order of 0 … n−1 (Fisher–Yates). */
  permutation(n: number): Uint32Array;
}

/** Mixes one 32-bit word into a hash (the finaliser of MurmurHash3). */
function mix(hash: number, word: number): number {
  let h = Math.imul(hash ^ word, 0xcc9e2d51);
  h = Math.imul((h << 15) | (h >>> 17), 0x1b873593);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashPath(seed: number, path: readonly (number | string)[], salt: number): number {
  let hash = mix(mix(salt, seed >>> 0), Math.floor(seed / 2 ** 32) >>> 0);
  for (const part of path) {
    if (typeof part === 'number') {
      hash = mix(mix(hash, part >>> 0), Math.floor(part / 2 ** 32) >>> 0);
    } else {
      for (let i = 0; i < part.length; i++) hash = mix(hash, part.charCodeAt(i) + 0x100);
      hash = mix(hash, part.length + 0x10000);
    }
  }
  return hash;
}

/**
 * Creates a generator whose numbers depend on seed and path only: `createRandom(seed, 'noise', step)` gives the
 * same numbers for that step, whatever was drawn before. A resumed run therefore needs no saved generator state.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand), its 128 bits of state hashed from seed and path.
 *
 * @param seed - an integer in [0, 2⁵³)
 * @param path - identifies the use of the numbers: words and numbers
 */
export function createRandom(seed: number, ...path: (number | string)[]): Random {
  let a = hashPath(seed, path, 0x9e3779b9) | 0;
  let b = hashPath(seed, path, 0x243f6a88) | 0;
  let c = hashPath(seed, path, 0xb7e15162) | 0;
  let counter = 1;

  function next(): number {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  }
  for (let i = 0; i < 12; i++) next();

  let spare: number | undefined;
  function uniform(): number {
    return next() / 2 ** 32;
  }
  /** Box and Muller 1958, both numbers of each pair used. */
  function normal(): number {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log((next() + 1) / 2 ** 32));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
  function integer(n: number): number {
    return Math.floor(uniform() * n);
  }

  return {
    uniform,
    integer,
    normal,
    fillNormal(into) {
      for (let i = 0; i < into.length; i++) into[i] = normal();
      return into;
    },
    permutation(n) {
      const order = Uint32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(i + 1);
        const swapped = order[i]!;
        order[i] = order[j]!;
        order[j] = swapped;
      }
      return order;
    },
  };
}
