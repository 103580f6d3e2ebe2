import { existsSync } from 'node:fs';
import { mkdir, readdir, statfs, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeOnce } from './cache.mjs';
import { explain, SetupError } from './failure.mjs';
import { removeFile, removeFolder } from './remove.mjs';
import { downloadWheels, unpackWheel } from './wheels.mjs';

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

// The two libraries, the headers that the add-on includes (the wheel has 13,000 more of these) and the licences.
const members = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tsl/platform/',
  'tensorflow/include/xla/tsl/c/',
  // Packages carry these with the libraries.
  'tensorflow/include/LICENSE',
  'tensorflow/THIRD_PARTY_NOTICES.txt',
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
          await removeFile(join(wheels, name));
        }
        await removeFolder(wheels);
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
 * @param {string} folder - of the cache
 * @returns {boolean} whether the libraries are (still) there
 */
export function hasLibraries(folder) {
  return existsSync(join(folder, 'tensorflow', 'libtensorflow_cc.so.2'));
}
