import { existsSync } from 'node:fs';
import { findProgram, run } from './commands.mjs';
import { SetupError } from './failure.mjs';

/** The oldest Node that everything here runs on. */
export const oldestNode = /** @type {const} */ ([20, 19]);

/**
 * @param {string} [version] - as `process.versions.node`
 * @throws {SetupError} when it is too old
 */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    throw new SetupError(
      'old-node',
      `Unravel needs Node ${oldestNode.join('.')} or newer and this is ${version}. Install a current Node from https://nodejs.org and run the command again.`,
    );
  }
}

/**
 * Finds a Python 3.8 or newer that has pip.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [wanted] - what is to be downloaded with it, for people
 * @returns {Promise<string>} its path
 * @throws {SetupError} 'no-python' or 'no-pip'
 */
export async function findPython(env = process.env, wanted = 'TensorFlow') {
  const candidates = ['python3', 'python']
    .map((name) => findProgram(name, env))
    .filter((path) => path !== undefined);
  let hasPython = false;
  for (const python of candidates) {
    const version = await run(python, ['-c', 'import sys; print(sys.version_info >= (3, 8))'], { env });
    if (!version.ok || version.stdout.trim() !== 'True') continue;
    hasPython = true;
    if ((await run(python, ['-m', 'pip', '--version'], { env })).ok) return python;
  }
  if (hasPython) {
    throw new SetupError(
      'no-pip',
      `${wanted} is downloaded with pip, and this Python has none. Install it (Debian, Ubuntu: sudo apt install python3-pip; elsewhere: python3 -m ensurepip) and run the command again.`,
    );
  }
  throw new SetupError(
    'no-python',
    `${wanted} is downloaded with Python, and no Python 3.8 or newer was found. Install it (Debian, Ubuntu: sudo apt install python3 python3-pip; elsewhere: https://www.python.org/downloads) and run the command again.`,
  );
}

/**
 * Finds what the add-on is built with: a C++ compiler and make.
 *
 * @param {NodeJS.ProcessEnv} [env] - `CXX` and `CC` are respected
 * @returns {{ CXX: string, CC: string }} environment for the build
 * @throws {SetupError} 'no-compiler' or 'no-make'
 */
export function findCompiler(env = process.env) {
  const cxx = env['CXX'] || ['g++', 'c++', 'clang++'].find((name) => findProgram(name, env));
  const cc = env['CC'] || ['gcc', 'cc', 'clang'].find((name) => findProgram(name, env));
  const advice =
    'Install the build tools (Debian, Ubuntu: sudo apt install build-essential; Fedora: sudo dnf install gcc-c++ make) and run the command again.';
  if (!cxx || !cc) {
    throw new SetupError(
      'no-compiler',
      `TensorFlow's add-on for Node is built here, and no C++ compiler was found. ${advice}`,
    );
  }
  if (!findProgram('make', env)) {
    throw new SetupError(
      'no-make',
      `TensorFlow's add-on for Node is built here, and make was not found. ${advice}`,
    );
  }
  return { CXX: cxx, CC: cc };
}

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {boolean} whether an NVIDIA driver is installed
 */
export function hasNvidiaDriver(env = process.env) {
  return existsSync('/proc/driver/nvidia/version') || findProgram('nvidia-smi', env) !== undefined;
}

/** @returns {boolean} whether this system can load PyPI's manylinux libraries: Linux on x64 with glibc */
export function loadsManylinux() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  // Alpine's musl cannot. Asking the loader's file is quicker than process.report.
  return existsSync('/lib64/ld-linux-x86-64.so.2');
}
