import type { ErrorPayload, Remedy } from '../contract/errors.ts';

/** What to do about an error, by the options and commands of the command line. */
const COMMANDS: Readonly<Record<Remedy, string>> = {
  build: 'Run npm run build.',
  'choose-workspace': 'Name a folder that you may write to with --workspace.',
  doctor: 'Run unravel doctor to see what is missing, then start Unravel again.',
  encode: 'Name the columns of the codes in the first line, as "unravel encode" does.',
  'export-model': 'Export the model again with unravel export-model.',
  'full-precision': 'Use --precision full.',
  'gentler-training': 'Use a smaller learning rate (--lr) or smaller weights (--beta).',
  look: 'Explore it with unravel traverse, sample or encode.',
  'other-workspace': 'Use that window, or name another folder with --workspace.',
  report: 'Please report this with the command that you used.',
  'set-up': 'Run npm run setup, which installs it and says what is missing.',
  'smaller-batch': 'Use a smaller batch: --batch 32.',
  train: 'There are no runs yet: unravel train makes one.',
};

/** What to do about an error, for people at the command line: by its options where there are some for it. */
export function commandHint({
  hint,
  remedy,
}: {
  readonly [key in 'hint' | 'remedy']?: ErrorPayload[key] | undefined;
}): string | undefined {
  return remedy === undefined ? hint : COMMANDS[remedy];
}
