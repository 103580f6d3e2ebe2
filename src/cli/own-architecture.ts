import * as v from 'valibot';
import { ARCHITECTURE_FILE, ArchitectureNameSchema, type Architecture } from '../contract/architecture.ts';
import { readJsonFile } from '../system/read-file.ts';
import { alternatives } from './format.ts';
import { UsageError } from './usage-error.ts';

/**
 * The architecture of that name, or of that JSON file.
 *
 * @throws UsageError for an unknown name
 * @throws UnravelError `not-found`, or `bad-input` with what is wrong in the file
 */
export async function readArchitecture(text: string): Promise<Architecture> {
  const name = v.safeParse(ArchitectureNameSchema, text);
  if (name.success) return name.output;
  if (!/\.json$/i.test(text)) {
    throw new UsageError(
      `There is no architecture ${text}.`,
      `It is ${alternatives([...ArchitectureNameSchema.options])}, or a JSON file with layers of your own: see docs/models.md.`,
    );
  }
  return readJsonFile(text, { ...ARCHITECTURE_FILE, followLinks: true });
}
