import type { Command } from 'commander';

/** The help texts of a command. */
export interface CommandHelp {
  /** One line, also shown in the list of commands. */
  readonly summary: string;
  /** Further explanation, shown below the usage. */
  readonly details?: string;
  /** Example command lines. */
  readonly examples: readonly string[];
}

/** The help of `--raw-csv`. */
export const RAW_CSV =
  'write names unchanged into a .csv (default: an apostrophe is put before names that a spreadsheet would run as a formula; unravel removes it when it reads the file)';

/**
 * Adds a command with the options that all commands have.
 *
 * @param usage - its name and arguments in commander's syntax: `import <source>`
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
    .option('--json', 'print one JSON object per line, the last one "done" or "failed"')
    .helpOption('-h, --help', 'show this help');
}
