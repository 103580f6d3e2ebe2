import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DirectionSchema, type Direction } from '../../contract/direction.ts';
import { UnravelError } from '../../contract/errors.ts';
import { writePrivateFile } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';
import { findNamed } from '../basics/find-named.ts';
import { readCheckpointStep } from '../runs/checkpoint.ts';
import { DIRECTIONS_FOLDER, type Run } from '../runs/store.ts';

/** Two vectors of up to some thousand numbers. */
const MOST_BYTES = 4_000_000;

/** The path of a direction's file: its name in characters that a file may have, and a part of the name's hash. */
export function directionFile(folder: string, name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const hash = createHash('sha256').update(name.toLowerCase()).digest('hex').slice(0, 8);
  return join(folder, DIRECTIONS_FOLDER, `${slug.slice(0, 40) || 'direction'}-${hash}.json`);
}

/** Stores a direction with its run, in the place of one of the same name. */
export function storeDirection(folder: string, direction: Direction): Promise<void> {
  return writePrivateFile(
    directionFile(folder, direction.name),
    `${JSON.stringify(direction, undefined, 2)}\n`,
  );
}

/**
 * The directions of a run, by name. Those of an earlier checkpoint are left out, for its codes are others now.
 *
 * @throws UnravelError `bad-input` for a damaged file
 */
export async function readDirections({ info, folder }: Run): Promise<Direction[]> {
  const files = await readdir(join(folder, DIRECTIONS_FOLDER)).catch(() => []);
  const step = (await readCheckpointStep(folder)) ?? 0;
  const all = files
    .filter((file) => file.endsWith('.json'))
    .map((file) =>
      readJsonFile(join(folder, DIRECTIONS_FOLDER, file), {
        schema: DirectionSchema,
        mostBytes: MOST_BYTES,
        otherwise: 'does not describe a direction',
        hint: 'Find the direction again.',
      }),
    );
  return (await Promise.all(all))
    .filter((one) => one.checkpointStep === step && one.normal.length === info.config.latentDim)
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

/**
 * The direction of a run that has a name, whatever the case of its letters.
 *
 * @throws UnravelError `not-found` with similar names
 */
export async function findStoredDirection(run: Run, name: string): Promise<Direction> {
  const directions = await readDirections(run);
  const none = `The run ${run.info.name} has no directions for its current checkpoint.`;
  if (directions.length === 0) {
    throw new UnravelError('not-found', none, {
      hint: 'Find a direction of a label first.',
    });
  }
  return findNamed(
    directions.map((one) => ({ id: one.name.toLowerCase(), ...one })),
    name.toLowerCase(),
    { noun: 'direction', none },
  );
}
