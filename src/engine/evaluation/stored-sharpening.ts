import { join } from 'node:path';
import * as v from 'valibot';
import { UnravelError } from '../../contract/errors.ts';
import { SharpeningMeasurementSchema, type SharpeningMeasurement } from '../../contract/sharpening.ts';
import { writePrivateFile } from '../../system/atomic.ts';
import { readJsonFile } from '../../system/read-file.ts';

const MOST_BYTES = 100_000;

/** What a sharpening has changed, in the run's folder. */
const fileIn = (folder: string): string => join(folder, 'sharpening.json');

/** @returns null if it was not measured or cannot be read */
export async function readSharpeningMeasurement(folder: string): Promise<SharpeningMeasurement | null> {
  try {
    return await readJsonFile(fileIn(folder), {
      schema: SharpeningMeasurementSchema,
      mostBytes: MOST_BYTES,
      otherwise: 'does not describe a sharpening',
      hint: 'Sharpen the run again.',
    });
  } catch (error) {
    if (error instanceof UnravelError) return null;
    throw error;
  }
}

/** Stores what a sharpening has changed. */
export async function storeSharpeningMeasurement(
  folder: string,
  measured: SharpeningMeasurement,
): Promise<void> {
  const kept = v.parse(SharpeningMeasurementSchema, measured);
  await writePrivateFile(fileIn(folder), `${JSON.stringify(kept, undefined, 2)}\n`);
}
