import type { ErrorPayload, Remedy } from '../contract/errors.ts';

/** The hint for each remedy, naming options and commands of the command line. */
const COMMANDS: Readonly<Record<Remedy, string>> = {
  build: 'Run npm run build.',
  'codes-key': 'Say which are the codes with --key.',
  'choose-workspace': 'Name a folder that you may write to with --workspace.',
  doctor: 'Run unravel doctor to see what is missing, then start Unravel again.',
  encode: 'Name the columns of the codes in the first line, as "unravel encode" does.',
  'export-model': 'Export the model again with unravel export-model.',
  'find-axes': 'Find them first with: unravel axes <run>',
  'full-precision': 'Use --precision full.',
  'gentler-training': 'Use a smaller learning rate (--lr) or smaller weights (--beta).',
  look: 'Explore it with unravel traverse, sample or encode.',
  mapping: 'Describe its layers in a mapping file and name it with --mapping: see docs/models.md.',
  'more-epochs': 'Name a larger number of epochs in all: unravel resume <run> --epochs 60.',
  'name-data': 'Name a data set of such images with --data.',
  'other-workspace': 'Use that window, or name another folder with --workspace.',
  report: 'Please report this with the command that you used.',
  'set-up': 'Run npm run setup, which installs it and reports what is missing.',
  'smaller-batch': 'Use a smaller batch: --batch 32.',
  train: 'There are no runs yet: unravel train makes one.',
};

/** The hint of an error for the command line: that of its remedy if it has one, otherwise its own. */
export function commandHint({
  hint,
  remedy,
}: {
  readonly [key in 'hint' | 'remedy']?: ErrorPayload[key] | undefined;
}): string | undefined {
  return remedy === undefined ? hint : COMMANDS[remedy];
}
