import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The real `unravel serve` on a workspace of its own. */
export interface Served {
  /** With the token, as a person opens it. */
  readonly url: string;
  readonly workspace: string;
  readonly process: ChildProcess;
  /** Ends it in order and removes the workspace. */
  stop(): Promise<void>;
}

/** Starts `unravel serve` and waits for its address. */
export async function startServer(workspace?: string, environment: NodeJS.ProcessEnv = {}): Promise<Served> {
  const folder = workspace ?? (await mkdtemp(join(tmpdir(), 'unravel-e2e-')));
  const script = join(import.meta.dirname, '../../scripts/unravel.mjs');
  const child = spawn(process.execPath, [script, 'serve', '--port', '0', '--json', '--workspace', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as { event: string; url?: string };
      if (event.url !== undefined) resolve(event.url);
    });
    child.on('exit', (code) => reject(new Error(`unravel serve ended with ${code}: ${complaints}`)));
  });
  return {
    url,
    workspace: folder,
    process: child,
    async stop() {
      child.kill('SIGINT');
      await exited;
      if (workspace === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The processes that the server has started for jobs. */
export function jobProcesses(server: number): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(server)], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => /job\.js/.test(line))
    .map((line) => Number(line.trim().split(/\s+/)[0]));
}
