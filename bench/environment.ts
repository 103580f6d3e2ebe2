import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnravelError } from '../src/contract/errors.ts';
import { removeFolder } from '../src/system/remove.ts';
import { root } from './paths.ts';
import type { WorkerCommand } from './harness/worker-process.ts';

const folder = join(root, 'bench/.venv');
const scripts = join(root, 'bench/python');
const requirements = join(scripts, 'requirements.txt');
const stamp = join(folder, '.made-from');
const python = process.platform === 'win32' ? join(folder, 'Scripts/python.exe') : join(folder, 'bin/python');

/** Runs a program to its end and collects its output. */
function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    child.on('error', (error) => resolve({ ok: false, output: error.message }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

function isMade(): boolean {
  return (
    existsSync(python) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')
  );
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python']) {
    const { ok } = await run(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']);
    if (ok) return name;
  }
  throw new UnravelError('not-found', 'The peers need Python 3.10 or newer, and none was found.', {
    hint: 'Install Python from your system or https://www.python.org/downloads and run the benchmark again.',
  });
}

function whyPipFailed(output: string): string {
  if (/No space left|Errno 28/i.test(output)) return `The disk is full: free about 2 GB in ${folder}.`;
  if (/No matching distribution|Could not find a version/i.test(output)) {
    return 'One of them has no build for this Python or system: try with Python 3.11, or check that pip reaches a package index.';
  }
  if (/resolve|Connection|Max retries|timed? ?out|SSL/i.test(output)) {
    return 'The download failed: check the network, and HTTPS_PROXY behind a proxy.';
  }
  return `pip said: ${output.trim().split('\n').at(-1) ?? 'nothing'}`;
}

/**
 * Makes the virtual environment of the peers, once: PyTorch, Pillow, the libraries of `interchange` and what they need, about 1.5 GB.
 *
 * @param log - takes a line on what is being done
 * @throws UnravelError with a sentence that says what to do
 */
export async function ensurePython(log: (line: string) => void): Promise<void> {
  if (isMade()) return;
  const system = await findPython();
  log('making bench/.venv with PyTorch, Pillow and others, once; this takes some minutes');
  // Removes what an interrupted attempt has left.
  await removeFolder(folder);
  const made = await run(system, ['-m', 'venv', folder]);
  if (!made.ok) {
    throw new UnravelError('not-found', 'Could not make a virtual environment for the peers.', {
      path: folder,
      hint: /ensurepip|python3-venv/.test(made.output)
        ? 'This Python lacks the module venv (Debian, Ubuntu: sudo apt install python3-venv).'
        : made.output.trim(),
    });
  }
  const args = ['-m', 'pip', 'install', '--disable-pip-version-check', '--quiet', '-r', requirements];
  const installed = await run(python, args);
  if (!installed.ok) {
    throw new UnravelError('not-found', 'Could not install PyTorch and the other peers.', {
      path: requirements,
      hint: whyPipFailed(installed.output),
    });
  }
  writeFileSync(stamp, readFileSync(requirements));
}

/** The command that starts a script of bench/python. */
export function pythonCommand(
  name: string,
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): WorkerCommand {
  // Nothing is written beside the scripts, which are part of the repository.
  const own = { PYTHONDONTWRITEBYTECODE: '1' };
  return { name, program: python, args: [join(scripts, script), ...args], env: { ...own, ...env } };
}

/**
 * Whether PyTorch can compile for this processor, which needs a C++ compiler and Python's headers. It is tried out.
 *
 * @param folder - where it may keep what it compiles
 */
export async function canCompile(folder: string): Promise<boolean> {
  const code = 'import torch\ntorch.compile(lambda x: x.exp().sum())(torch.ones(64))';
  const { ok } = await run(python, ['-c', code], { TORCHINDUCTOR_CACHE_DIR: folder });
  return ok;
}

/** Versions of the peers' libraries, such as `torch 2.13.0`. */
export async function peerVersions(): Promise<readonly string[]> {
  const names =
    "['torch', 'numpy', 'pillow', 'safetensors', 'onnxruntime', 'pyarrow', 'pandas', 'anndata', 'h5py']";
  const code = `from importlib.metadata import version\nfor n in ${names}: print(n, version(n))`;
  const { ok, output } = await run(python, ['-c', code]);
  return ok ? output.trim().split('\n') : [];
}
