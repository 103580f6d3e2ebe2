import { spawn, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { main } from '../../src/cli/index.ts';
import { builtEntry } from '../../src/engine/basics/entry.ts';

/** What a command wrote and how it ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Carries out a command in this process. */
export async function runHere(...argv: string[]): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const code = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr };
}

/** The objects that a `--json` command wrote, a line each. Throws for a line that is none. */
export function jsonLines({ stdout }: Outcome): Record<string, unknown>[] {
  if (!stdout.endsWith('\n')) throw new Error(`The output does not end a line: ${stdout.slice(-80)}`);
  return stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || !('event' in value))
        throw new Error(`No event: ${line}`);
      return value;
    });
}

/** The last object of a `--json` command. */
export function lastLine(outcome: Outcome): Record<string, unknown> {
  return jsonLines(outcome).at(-1)!;
}

/** A command in a process of its own, as the build has it. */
export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/**
 * Code that puts a function of its own in place of one of `node:fs/promises`, for everything in its process.
 *
 * @param name - such as `rename`
 * @param replacement - an arrow function as code; `original` is Node's own
 */
export function replacingOfFiles(name: string, replacement: string): string {
  return `
    const files = (await import('node:fs/promises')).default;
    const original = files.${name};
    files.${name} = ${replacement};
    (await import('node:module')).syncBuiltinESMExports()`;
}

/**
 * Starts a command in a process of its own.
 *
 * @param before - what the process does first, such as {@link replacingOfFiles}
 * @param after - what the process does when the command has ended; `code` is its exit code
 * @param onOutput - sees all of standard output so far, whenever there is more
 * @param stdout - an open file that standard output goes to; its text is empty then
 */
export function startCli(
  argv: readonly string[],
  {
    before = '',
    after = '',
    env = {},
    onOutput = () => undefined,
    stdout: file,
  }: {
    before?: string;
    after?: string;
    env?: Record<string, string>;
    onOutput?: (stdout: string, child: ChildProcess) => void;
    stdout?: number;
  } = {},
): Running {
  const cli = JSON.stringify(pathToFileURL(builtEntry('cli')).href);
  const program = `import { main } from ${cli}; ${before}; const code = await main(process.argv.slice(1)); ${after}; process.exitCode = code;`;
  // Imported, not evaluated as a module: the threads of the process would inherit that option and refuse it.
  const module = `data:text/javascript,${encodeURIComponent(program)}`;
  const child = spawn(
    process.execPath,
    ['-e', 'import(process.argv.splice(1, 1)[0])', '--', module, ...argv],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', file ?? 'pipe', 'pipe'],
    },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput(stdout, child);
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, ended };
}
