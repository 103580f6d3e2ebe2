import type { Command } from 'commander';

/** What a command's help says of it. */
export interface CommandHelp {
  /** One line, in the list of commands too. */
  readonly summary: string;
  /** More, where one line is not enough; below the usage. */
  readonly details?: string;
  /** Command lines as a person would type them. */
  readonly examples: readonly string[];
}

/** The help of `--raw-csv`. */
export const RAW_CSV =
  'leave names as they are in a .csv (default: an apostrophe before those that a spreadsheet would run as a formula, which unravel takes off again)';

/**
 * Adds a command that does something, with the options that all of them have.
 *
 * @param usage - its name and arguments, as commander reads them: `import <source>`
 */
export function addCommand(
  parent: Command,
  usage: string,
  { summary, details, examples }: CommandHelp,
  { isDefault = false }: { isDefault?: boolean } = {},
): Command {
  const sentence = `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;
  const lines = examples.map((example) => `  $ ${example}`).join('\n');
  return parent
    .command(usage, { isDefault })
    .summary(summary)
    .description(details === undefined ? sentence : `${sentence}\n\n${details}`)
    .addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines}`)
    .option('--workspace <folder>', 'where data sets and runs are kept (default: your data folder)')
    .option('--json', 'one JSON object a line, the last one "done" or "failed"')
    .helpOption('-h, --help', 'show this help');
}
