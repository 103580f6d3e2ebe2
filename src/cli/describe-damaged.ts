import type { Damaged } from '../contract/damaged.ts';

/**
 * What of a list is damaged and how to remove it, below the list itself.
 *
 * @param command - removes one, followed by its id
 */
export function describeDamaged(damaged: readonly Damaged[], command: string): string[] {
  if (damaged.length === 0) return [];
  return ['', 'Damaged', ...damaged.flatMap(({ id, reason }) => [`  ${reason}`, `    ${command} ${id}`])];
}
