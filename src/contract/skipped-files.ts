import type { SkippedFile } from './dataset.ts';

/** Files that were left out for the same reason. */
export interface SkippedGroup {
  readonly reason: string;
  /** In the order of the list. */
  readonly files: readonly string[];
}

/** Groups left-out files by their reasons, the most frequent first. */
export function groupByReason(skipped: readonly SkippedFile[]): SkippedGroup[] {
  const groups = new Map<string, string[]>();
  for (const { file, reason } of skipped) {
    const files = groups.get(reason);
    if (files) files.push(file);
    else groups.set(reason, [file]);
  }
  // Sorting is stable: of groups of the same size the one whose file comes first is first.
  return [...groups]
    .map(([reason, files]) => ({ reason, files }))
    .sort((a, b) => b.files.length - a.files.length);
}

/** Both lists, every file once. */
export function mergeSkipped(first: readonly SkippedFile[], second: readonly SkippedFile[]): SkippedFile[] {
  const seen = new Set(first.map(({ file }) => file));
  return [...first, ...second.filter(({ file }) => !seen.has(file))];
}

/** A reason as it is said of several files: “it is not an image” is “not an image”. */
export function reasonOfMany(reason: string): string {
  return reason.replace(/^it is /, '');
}
