import { parseArgs } from 'node:util';
import { findReader, READERS } from './readers.ts';
import { fuzz } from './run.ts';

const HELP = `node scripts/fuzz.mjs [--inputs 20000] [--seed N] [--reader NAME]

Gives edited inputs to everything that reads files or messages from outside. A failure prints its reader and seed, by
which alone it can be run again: --reader NAME --seed N --inputs 1.

Readers: ${READERS.map(({ name }) => name).join(', ')}
`;

function wholeNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} is a whole number, not “${text}”.`);
}

/**
 * The fuzz run as a command.
 *
 * @returns the exit code: 1 where a reader failed
 */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      inputs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
      reader: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const inputs = wholeNumber(values.inputs, 'inputs');
  const seed = wholeNumber(values.seed, 'seed');
  const readers = values.reader === undefined ? READERS : [findReader(values.reader)];
  process.stdout.write(`${inputs} inputs, first seed ${seed}\n`);
  const failures = await fuzz({
    readers,
    inputs,
    seed,
    onReader: (reader, count, accepted) =>
      process.stdout.write(`${reader}: ${count} inputs from seed ${seed}, ${accepted} of them accepted\n`),
    onFailure: ({ reader, seed: failed, why }) =>
      process.stdout.write(`FAILED --reader '${reader}' --seed ${failed} --inputs 1\n  ${why}\n`),
  });
  process.stdout.write(`${inputs} inputs, ${failures.length} failures\n`);
  return failures.length === 0 ? 0 : 1;
}
