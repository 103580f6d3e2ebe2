import type { Damaged } from '../contract/damaged.ts';

/**
 * Describes the damaged entries of a list and how to remove them, to be printed below the list.
 *
 * @param command - the command that removes an entry; its id is added
 */
export function describeDamaged(damaged: readonly Damaged[], command: string): string[] {
  if (damaged.length === 0) return [];
  return ['', 'Damaged', ...damaged.flatMap(({ id, reason }) => [`  ${reason}`, `    ${command} ${id}`])];
}
