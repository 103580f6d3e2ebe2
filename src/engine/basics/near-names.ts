/** The number of letters to insert, delete, change or swap with their neighbour to turn one text into the other. */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      let best = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, changed);
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, rows[i - 2]![j - 2]! + 1);
      }
      row.push(best);
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}

/**
 * The names that are most similar to `wanted`, at most three, nearest first: names that contain it or are contained
 * in it, and names that differ in a few letters.
 */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const typed = wanted.toLowerCase();
  const cost = (name: string) => {
    const known = name.toLowerCase();
    if (typed.length > 1 && (known.includes(typed) || typed.includes(known))) return 0.5;
    return editDistance(typed, known);
  };
  return [...new Set(names)]
    .map((name) => ({ name, cost: cost(name) }))
    .filter(({ name, cost }) => cost <= Math.max(1, Math.min(typed.length, name.length) / 3))
    .sort((a, b) => a.cost - b.cost)
    .slice(0, 3)
    .map(({ name }) => name);
}
