import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a program on the PATH of `env`, as a shell would.
 *
 * @param {string} name
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its absolute path
 */
export function findProgram(name, env = process.env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  const path = env['PATH'] ?? env['Path'] ?? '';
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const ending of endings) {
      const candidate = join(folder, name + ending);
      try {
        accessSync(candidate, constants.X_OK);
        if (statSync(candidate).isFile()) return candidate;
      } catch {
        // Not here: the next folder.
      }
    }
  }
  return undefined;
}

/**
 * Runs a program to its end and collects what it says.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, shell?: boolean, timeout?: number, held?: number | undefined }} [options] - `held`: a
 *   descriptor that the program keeps open, and with it a lock
 * @returns {Promise<{ ok: boolean, stdout: string, output: string, signal: string | undefined, code: number | null }>}
 *   `output` is standard output and standard error together; a program that cannot be started is not `ok`.
 */
export function run(program, args, { held, ...options } = {}) {
  return new Promise((resolve) => {
    let stdout = '';
    let output = '';
    const child = spawn(program, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe', ...(held === undefined ? [] : [held])],
    });
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      stdout += text;
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    child.on('error', (error) => {
      resolve({ ok: false, stdout, output: `${output}\n${error.message}`, signal: undefined, code: null });
    });
    child.on('close', (code, signal) => {
      resolve({ ok: code === 0, stdout, output, signal: signal ?? undefined, code });
    });
  });
}
