import { existsSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import * as v from 'valibot';

/** What a person said when they started the app. */
export const StartedWithSchema = v.object({
  workspace: v.optional(v.string()),
  /** Folders and files to import; absolute. */
  sources: v.array(v.string()),
});
export type StartedWith = v.InferOutput<typeof StartedWithSchema>;

/** What a command line is read against. */
export interface CommandLineContext {
  /** What relative paths are relative to. */
  readonly folder: string;
  /** The app itself, which is a word of the command line where Electron was told to run it. */
  readonly appFolder?: string;
}

/**
 * Reads the app's arguments: `--workspace <folder>`, and what to import. Switches that are not ours are Chromium's.
 *
 * @param argv - what follows the program
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
    const word = argv[i]!;
    const path = resolve(folder, word);
    if (word === '--workspace') workspace = argv[(i += 1)];
    else if (word.startsWith('--workspace=')) workspace = word.slice('--workspace='.length);
    else if (!word.startsWith('-') && !isApp(path) && existsSync(path)) sources.push(path);
  }
  return { ...(workspace === undefined ? {} : { workspace: resolve(folder, workspace) }), sources };
}
