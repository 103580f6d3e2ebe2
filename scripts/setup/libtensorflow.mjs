import { existsSync } from 'node:fs';
import { statfs, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeOnce } from './cache.mjs';
import { explain, SetupError } from './failure.mjs';
import { fetchWheels } from './wheels.mjs';

/** The version of TensorFlow whose libraries are used. */
export const tensorflowVersion = '2.21.0';

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

/**
 * What TensorFlow's metadata names under the extra "and-cuda", each the newest that it allows on 27 November 2026; to
 * be looked up again with a new version. The checksums are PyPI's.
 *
 * @type {[name: string, version: string, sha256: string][]}
 */
const cuda = [
  ['nvidia-cublas-cu12', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'],
  ['nvidia-cuda-cupti-cu12', '12.9.79', '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f'],
  ['nvidia-cuda-nvcc-cu12', '12.9.86', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'],
  ['nvidia-cuda-nvrtc-cu12', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'],
  ['nvidia-cuda-runtime-cu12', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'],
  ['nvidia-cudnn-cu12', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'],
  ['nvidia-cufft-cu12', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'],
  ['nvidia-curand-cu12', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'],
  ['nvidia-cusolver-cu12', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'],
  ['nvidia-cusparse-cu12', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'],
  ['nvidia-nccl-cu12', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'],
  ['nvidia-nvjitlink-cu12', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'],
];
const cudaWheels = cuda.map(([name, version, sha256]) => ({ name, version, sha256, prefixes: ['nvidia/'] }));

/** The two builds. `peakBytes` is what download and unpacked files take together. */
export const variants = {
  cpu: {
    wheels: [
      {
        name: 'tensorflow-cpu',
        version: tensorflowVersion,
        sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        prefixes: members,
      },
    ],
    size: '270 MB',
    peakBytes: 1.3e9,
  },
  gpu: {
    wheels: [
      {
        name: 'tensorflow',
        version: tensorflowVersion,
        sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
        prefixes: members,
      },
      ...cudaWheels,
    ],
    size: '3 GB',
    peakBytes: 10e9,
  },
};

/**
 * The names that the add-on's link command and tfjs-node look for.
 *
 * @type {[alias: string, library: string][]}
 */
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
 * @param {{ cache: string, variant: 'cpu' | 'gpu', python: string, env?: NodeJS.ProcessEnv, onWait?: (() => void) | undefined }} options
 * @returns {Promise<string>} its folder
 * @throws {SetupError}
 */
export async function ensureLibtensorflow({ cache, variant, python, env = process.env, onWait }) {
  const folder = libtensorflowFolder(cache, variant);
  const { wheels, peakBytes } = variants[variant];
  try {
    await makeOnce(
      folder,
      async (temporary) => {
        await checkSpace(temporary, peakBytes);
        await fetchWheels({ python, wheels, into: temporary, env });
        for (const [alias, library] of aliases) await symlink(library, join(temporary, 'tensorflow', alias));
      },
      { onWait },
    );
  } catch (error) {
    throw explain('keep TensorFlow', error, { cache });
  }
  return folder;
}

/**
 * @param {string} folder
 * @param {number} bytes
 */
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
