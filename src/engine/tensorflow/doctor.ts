import { constants, existsSync, readFileSync, statSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectronProgram } from '../../../scripts/setup/electron-program.mjs';
import { UnravelError, type Remedy } from '../../contract/errors.ts';
import { processorFlags } from '../basics/processor.ts';
import { loadNative } from './binding.ts';

/** The problem with something that Unravel needs. */
export interface Trouble {
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | null;
  /** What to do about it with the command line. */
  readonly remedy?: Remedy;
}

/** What is available on this machine and what is missing. */
export interface Diagnosis {
  readonly node: { readonly version: string; readonly platform: string; readonly arch: string };
  readonly cpu: {
    readonly model: string;
    /** Number of threads that this process may use in parallel. */
    readonly cores: number;
    /** Whether it has bfloat16 instructions, without which mixed precision is no faster; null if unknown. */
    readonly avx512Bf16: boolean | null;
    readonly amxBf16: boolean | null;
  };
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly tensorflow:
    | {
        readonly found: true;
        readonly version: string;
        readonly device: 'cpu' | 'gpu';
        /** The reason why no GPU is used; null if one is used. */
        readonly whyNotGpu: string | null;
      }
    | ({ readonly found: false } & Trouble);
  readonly electron:
    | { readonly found: true; readonly version: string | null; readonly path: string }
    | ({ readonly found: false } & Trouble);
  readonly workspace: {
    readonly path: string;
    /** Whether the folder exists. It is created when something is first stored. */
    readonly exists: boolean;
    readonly writable: boolean;
    /** Free space on its disk for this user; null if unknown. */
    readonly freeBytes: number | null;
  };
}

/**
 * Checks everything that Unravel depends on, without changing anything. Loading TensorFlow takes about a third of a
 * second.
 *
 * @param workspaceRoot - the workspace's folder, which need not exist
 * @returns the result; a missing part is reported in it, not thrown
 */
export async function diagnose(workspaceRoot: string): Promise<Diagnosis> {
  const flags = processorFlags();
  return {
    node: { version: process.versions.node, platform: process.platform, arch: process.arch },
    cpu: {
      model: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      avx512Bf16: flags?.has('avx512_bf16') ?? null,
      amxBf16: flags?.has('amx_bf16') ?? null,
    },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    tensorflow: findTensorflow(),
    electron: findElectron(),
    workspace: await inspectWorkspace(resolve(workspaceRoot)),
  };
}

function findTensorflow(): Diagnosis['tensorflow'] {
  try {
    const { version, device } = loadNative();
    return { found: true, version, device, whyNotGpu: device === 'gpu' ? null : whyNotGpu() };
  } catch (error) {
    if (!(error instanceof UnravelError)) throw error;
    const { message, hint = null, remedy } = error;
    return { found: false, message, hint, ...(remedy && { remedy }) };
  }
}

/**
 * The reason that the self-test of the set-up found. In an installed app, which has no set-up, a general reason.
 */
function whyNotGpu(): string {
  const stamp = findUpwards('node_modules/.unravel-setup.json');
  if (stamp !== undefined) {
    try {
      const noted: unknown = (JSON.parse(readFileSync(stamp, 'utf8')) as Record<string, unknown>)[
        'whyNotGpu'
      ];
      if (typeof noted === 'string') return noted;
    } catch {
      // The damaged file is ignored.
    }
  }
  return existsSync('/proc/driver/nvidia/version')
    ? 'there is an NVIDIA driver, but TensorFlow found no GPU it can use'
    : 'no NVIDIA driver was found';
}

function findUpwards(name: string): string | undefined {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, name);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) return undefined;
    folder = parent;
  }
}

/** Usually the electron package has no binary, because the set-up does not download it. */
function findElectron(): Diagnosis['electron'] {
  let folder: string | undefined;
  try {
    folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // Not installed.
  }
  return findElectronProgram(folder);
}

async function inspectWorkspace(path: string): Promise<Diagnosis['workspace']> {
  const exists = existsSync(path);
  const present = nearestPresent(path);
  const isFolder = statSync(present).isDirectory();
  const writable = isFolder && (await access(present, constants.W_OK | constants.X_OK).then(yes, no));
  const space = await statfs(present).catch(() => undefined);
  return { path, exists, writable, freeBytes: space === undefined ? null : space.bavail * space.bsize };
}

const yes = () => true;
const no = () => false;

/** The folder itself or its nearest ancestor that exists. If it is writable, the missing folders can be created. */
function nearestPresent(path: string): string {
  let present = path;
  while (!existsSync(present)) present = dirname(present);
  return present;
}
