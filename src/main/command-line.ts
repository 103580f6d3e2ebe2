import { existsSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import * as v from 'valibot';

/** The arguments that the app was started with. */
export const StartedWithSchema = v.object({
  workspace: v.optional(v.string()),
  /** Folders and files to import; absolute. */
  sources: v.array(v.string()),
});
export type StartedWith = v.InferOutput<typeof StartedWithSchema>;

/** What is needed to interpret a command line. */
export interface CommandLineContext {
  /** The folder that relative paths start from. */
  readonly folder: string;
  /** The app's own folder, which is an argument where the app runs from a clone. */
  readonly appFolder?: string;
}

/**
 * Reads the app's arguments: `--workspace <folder>`, and files to import. Other switches are Chromium's and are
 * ignored.
 *
 * @param argv - the arguments after the program
 */
export function parseCommandLine(
  argv: readonly string[],
  { folder, appFolder }: CommandLineContext,
): StartedWith {
  let workspace: string | undefined;
  const sources: string[] = [];
  const isApp = (path: string): boolean =>
    appFolder !== undefined && (path === appFolder || path.startsWith(appFolder + sep));
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    const path = resolve(folder, argument);
    if (argument === '--workspace') workspace = argv[(i += 1)];
    else if (argument.startsWith('--workspace=')) workspace = argument.slice('--workspace='.length);
    else if (!argument.startsWith('-') && !isApp(path) && existsSync(path)) sources.push(path);
  }
  return { ...(workspace === undefined ? {} : { workspace: resolve(folder, workspace) }), sources };
}
