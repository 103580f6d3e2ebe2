import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DirectionSchema, type Direction } from '../../contract/direction.ts';
import { inOneLine, UnravelError } from '../../contract/errors.ts';
import { listed } from '../../contract/listed.ts';
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

/**
 * Stores a direction with its run, in the place of one of the same name.
 *
 * @returns whether there was one
 */
export async function storeDirection(folder: string, direction: Direction): Promise<boolean> {
  const path = directionFile(folder, direction.name);
  const isReplaced = existsSync(path);
  await writePrivateFile(path, `${JSON.stringify(direction, undefined, 2)}\n`);
  return isReplaced;
}

/** The directions that a run keeps. */
export interface KeptDirections {
  /** By name. */
  readonly directions: readonly Direction[];
  /** Names of those of an earlier checkpoint, whose codes were others. */
  readonly earlier: readonly string[];
  /** What is wrong with files that cannot be read. */
  readonly damaged: readonly string[];
}

/** Reads the directions of a run. One file that is damaged does not keep the others from being used. */
export async function readDirections({ info, folder }: Run): Promise<KeptDirections> {
  const files = await readdir(join(folder, DIRECTIONS_FOLDER)).catch(() => []);
  const step = (await readCheckpointStep(folder)) ?? 0;
  const all = files
    .filter((file) => file.endsWith('.json'))
    .map(async (file): Promise<Direction | string> => {
      const path = join(folder, DIRECTIONS_FOLDER, file);
      try {
        return await readJsonFile(path, {
          schema: DirectionSchema,
          mostBytes: MOST_BYTES,
          otherwise: 'does not describe a direction',
          hint: 'Remove the file, and find the direction again.',
        });
      } catch (error) {
        if (error instanceof UnravelError) return inOneLine(error);
        throw error;
      }
    });
  const read = await Promise.all(all);
  const whole = read.filter((one) => typeof one !== 'string');
  const isPresent = (one: Direction): boolean =>
    one.checkpointStep === step && one.normal.length === info.config.latentDim;
  return {
    directions: whole.filter(isPresent).toSorted((a, b) => a.name.localeCompare(b.name)),
    earlier: whole.filter((one) => !isPresent(one)).map(({ name }) => name),
    damaged: read.filter((one) => typeof one === 'string'),
  };
}

/**
 * The direction of a run that has a name, whatever the case of its letters.
 *
 * @throws UnravelError `not-found` with similar names
 */
export async function findStoredDirection(run: Run, name: string): Promise<Direction> {
  const { directions, earlier } = await readDirections(run);
  const none = `The run ${run.info.name} has no directions for its current checkpoint.`;
  if (directions.length === 0) {
    throw new UnravelError('not-found', none, {
      hint: earlier.length
        ? `Those of an earlier checkpoint are ${listed(earlier)}: find them again.`
        : 'Find a direction of a label first.',
    });
  }
  return findNamed(
    directions.map((one) => ({ id: one.name.toLowerCase(), ...one })),
    name.toLowerCase(),
    { noun: 'direction', none },
  );
}
