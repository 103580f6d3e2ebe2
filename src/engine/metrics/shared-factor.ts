import type { Random } from '../basics/random.ts';
import type { Factor } from './factor.ts';
import { HISTOGRAM_BINS } from './histogram.ts';
import { classEntropy, countPairs, informationBeyondChance, UNKNOWN_CLASS } from './mutual-information.ts';
import type { Sample } from './sample.ts';

/**
 * Maximum information that two factors may share, relative to their entropy. Factors that share more cannot be
 * varied independently.
 */
const MOST_IN_COMMON = 0.9;

/** The rows that share a value of a factor, for every factor and value. */
export interface SharedRows {
  /** For each factor, the rows of every value that at least two rows have. */
  readonly groups: readonly (readonly Uint32Array[])[];
  /** For each factor, the rows that are in a group, so that a value is drawn as often as it occurs. */
  readonly rows: readonly Uint32Array[];
  /** For each factor, the group of a row. */
  readonly groupOf: readonly Uint16Array[];
}

/** Groups rows by their value of each factor; values that only one row has are left out. */
export function groupRows({ factors, count }: Sample): SharedRows {
  const sorted = factors.map(({ classes, size }) => {
    const lists = Array.from({ length: size }, (): number[] => []);
    for (let row = 0; row < count; row++) {
      if (classes[row] !== UNKNOWN_CLASS) lists[classes[row]!]!.push(row);
    }
    return lists.map((list) => Uint32Array.from(list.length >= 2 ? list : []));
  });
  return {
    groups: sorted,
    rows: sorted.map((groups, f) => {
      const { classes } = factors[f]!;
      return Uint32Array.from({ length: count }, (_, row) => row).filter(
        (row) => classes[row] !== UNKNOWN_CLASS && groups[classes[row]!]!.length > 0,
      );
    }),
    groupOf: factors.map(({ classes }) => classes),
  };
}

/** Draws a group of rows that share a factor: all rows with the value of a random row. */
export function drawGroup(shared: SharedRows, factor: number, random: Random): Uint32Array {
  const rows = shared.rows[factor]!;
  const row = rows[random.integer(rows.length)]!;
  return shared.groups[factor]![shared.groupOf[factor]![row]!]!;
}

/** Mutual information of two factors beyond chance, relative to the smaller of the two entropies. */
function inCommon(a: Factor, b: Factor): number {
  // `countPairs` takes the first factor as bytes, which is enough for 256 classes without unknown rows.
  const known = Uint16Array.from(b.classes, (value, row) =>
    a.classes[row] === UNKNOWN_CLASS ? UNKNOWN_CLASS : value,
  );
  const pairs = countPairs(Uint8Array.from(a.classes), a.size, known, b.size);
  const entropy = Math.min(classEntropy(a.classes, a.size), classEntropy(b.classes, b.size));
  return entropy === 0 ? 1 : informationBeyondChance(pairs) / entropy;
}

/**
 * A sentence that says why images that share one factor and differ in all others cannot be drawn from a table;
 * undefined if they can.
 */
export function cannotShare({ factors, count }: Sample): string | undefined {
  const labels = factors.filter(({ isFactor }) => !isFactor).map(({ name }) => name);
  if (labels.length) {
    const shown = labels.slice(0, 3).join(', ') + (labels.length > 3 ? ', …' : '');
    return `It holds one factor and varies all others freely, which needs images drawn from known factors; ${shown} ${labels.length === 1 ? 'is a label' : 'are labels'} of images as they were found.`;
  }
  if (factors.length < 2) {
    return `It asks which of several factors a group of images shares, and only ${factors[0]?.name ?? 'nothing'} changes here.`;
  }
  for (const { name, classes, size } of factors) {
    const counts = new Uint32Array(size);
    for (const value of classes) if (value !== UNKNOWN_CLASS) counts[value]! += 1;
    if (!counts.some((value) => value >= 2)) {
      return `It needs images that share a value of ${name}, and all ${count} have one of their own.`;
    }
  }
  for (const [i, a] of factors.entries()) {
    for (const b of factors.slice(i + 1)) {
      if (inCommon(a, b) > MOST_IN_COMMON) {
        return `It holds one factor and varies all others freely, and here ${a.name} and ${b.name} always change together.`;
      }
    }
  }
  return undefined;
}

/** A note about factors that count as shared if their values are in the same bin. */
export function sharingNotes({ factors }: Sample): string[] {
  const cut = factors.filter(({ isCut }) => isCut).map(({ name }) => name);
  return cut.length
    ? [`Images share a value of ${cut.join(', ')} when it falls into the same of ${HISTOGRAM_BINS} bins.`]
    : [];
}
