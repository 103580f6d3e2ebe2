import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oldElectron } from '../../scripts/setup/electron.mjs';
import { ensureLibtensorflow, variants } from '../../scripts/setup/libtensorflow.mjs';
import { findPython, loadsManylinux } from '../../scripts/setup/tools.mjs';
import { fetchWheels, unpackWheel } from '../../scripts/setup/wheels.mjs';

const python: string | undefined = await findPython().catch(() => undefined);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-wheel-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Python writes the wheel, as it reads it. */
function makeWheel(
  members: Record<string, string>,
  name = 'tensorflow_cpu-0.0-none-any.whl',
): { wheel: string; sha256: string } {
  const wheel = join(folder, name);
  const script = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name, text in json.loads(sys.argv[2]).items(): z.writestr(name, text)`;
  execFileSync(python ?? '', ['-c', script, wheel, JSON.stringify(members)]);
  return { wheel, sha256: createHash('sha256').update(readFileSync(wheel)).digest('hex') };
}

describe.runIf(python !== undefined)('unpackWheel (skipped without Python)', () => {
  const unpack = (wheel: string, sha256: string, prefixes = ['tensorflow/lib']) =>
    unpackWheel({ python: python ?? '', wheel, sha256, into: join(folder, 'out'), prefixes });

  it('unpacks the requested members and no others', async () => {
    const { wheel, sha256 } = makeWheel({ 'tensorflow/lib.so': 'library', 'tensorflow/x.py': 'python' });
    await unpack(wheel, sha256);
    expect(readFileSync(join(folder, 'out/tensorflow/lib.so'), 'utf8')).toBe('library');
    expect(readdirSync(join(folder, 'out/tensorflow'))).toEqual(['lib.so']);
  });

  it('refuses a wheel with another checksum before unpacking it', async () => {
    const { wheel } = makeWheel({ 'tensorflow/lib.so': 'not the library' });
    await expect(unpack(wheel, '0'.repeat(64))).rejects.toMatchObject({
      code: 'wrong-checksum',
      message: expect.stringMatching(
        /tensorflow_cpu.*checksum is wrong.*deleted\. Run the command again/,
      ) as string,
    });
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });

  it('refuses members whose path leads out of the folder', async () => {
    const { wheel, sha256 } = makeWheel({ 'tensorflow/lib/../../../escaped': 'x' });
    await expect(unpack(wheel, sha256)).rejects.toMatchObject({ code: 'damaged' });
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
  });

  it('reports a wheel that is truncated or lacks the libraries', async () => {
    const { wheel, sha256 } = makeWheel({ 'tensorflow/other.txt': 'x' });
    await expect(unpack(wheel, sha256)).rejects.toMatchObject({ code: 'damaged' });
    const cut = readFileSync(wheel).subarray(0, 40);
    writeFileSync(wheel, cut);
    const sha256OfCut = createHash('sha256').update(cut).digest('hex');
    await expect(unpack(wheel, sha256OfCut)).rejects.toMatchObject({ code: 'damaged' });
  });
});

describe('a wheel that is downloaded', () => {
  it("has its version and its checksum in the clone, TensorFlow's CUDA libraries too", () => {
    const wheels = [...variants.cpu.wheels, ...variants.gpu.wheels, oldElectron.wheel];
    expect(variants.gpu.wheels).toHaveLength(13);
    for (const { name, version, sha256 } of wheels) {
      expect([name, version]).toEqual([name, expect.stringMatching(/^\d+(\.\d+)+$/)]);
      expect([name, sha256]).toEqual([name, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    }
    expect(new Set(wheels.map(({ sha256 }) => sha256)).size).toBe(wheels.length);
  });
});

describe.runIf(python !== undefined)('fetchWheels (skipped without Python)', () => {
  /** A Python whose pip downloads the wheels of the test's folder, and notes what it was asked for. */
  function pythonOfFolder(): string {
    const path = join(folder, 'python3');
    const wrapper = `#!/bin/sh
case "$*" in *"pip download"*)
  while [ "$1" != --dest ]; do shift; done
  cp "${folder}"/*.whl "$2"; shift 2; echo "$@" > "${folder}/asked";;
*) exec "${python ?? ''}" "$@";; esac
`;
    writeFileSync(path, wrapper);
    chmodSync(path, 0o755);
    return path;
  }

  /** Two wheels, one of them with another checksum than the given one where it is given. */
  function twoWheels(sha256OfBlas?: string) {
    const first = makeWheel({ 'tensorflow/lib.so': 'library' }, 'tensorflow-2.0.0-cp311-cp311-any.whl');
    const blas = makeWheel({ 'nvidia/blas.so': 'blas' }, 'nvidia_cublas_cu12-12.9.1-py3-none-any.whl');
    return [
      { name: 'tensorflow', version: '2.0.0', sha256: first.sha256, prefixes: ['tensorflow/'] },
      {
        name: 'nvidia-cublas-cu12',
        version: '12.9.1',
        sha256: sha256OfBlas ?? blas.sha256,
        prefixes: ['nvidia/'],
      },
    ];
  }

  it('asks for exact versions, unpacks what was published, and leaves no wheel behind', async () => {
    const into = join(folder, 'into');
    await fetchWheels({ python: pythonOfFolder(), wheels: twoWheels(), into });
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe(
      'tensorflow==2.0.0 nvidia-cublas-cu12==12.9.1',
    );
    expect(readdirSync(into, { recursive: true }).sort()).toEqual([
      'nvidia',
      'nvidia/blas.so',
      'tensorflow',
      'tensorflow/lib.so',
    ]);
  });

  it('refuses all of them when one that TensorFlow needs is not what was published', async () => {
    const into = join(folder, 'into');
    const wheels = twoWheels('0'.repeat(64));
    await expect(fetchWheels({ python: pythonOfFolder(), wheels, into })).rejects.toMatchObject({
      code: 'wrong-checksum',
      message: expect.stringContaining('nvidia_cublas_cu12-12.9.1') as string,
    });
    expect(existsSync(join(into, 'nvidia'))).toBe(false);
  });

  it('reports that pip has downloaded something else', async () => {
    const wheels = twoWheels();
    rmSync(join(folder, 'nvidia_cublas_cu12-12.9.1-py3-none-any.whl'));
    makeWheel({ 'nvidia/blas.so': 'blas' }, 'nvidia_cublas_cu12-12.9.2-py3-none-any.whl');
    const fetching = fetchWheels({ python: pythonOfFolder(), wheels, into: join(folder, 'into') });
    await expect(fetching).rejects.toMatchObject({
      code: 'not-in-index',
      message: expect.stringContaining('nvidia-cublas-cu12==12.9.1') as string,
    });
  });
});

describe.runIf(python !== undefined && loadsManylinux())(
  'ensureLibtensorflow (skipped without Python)',
  () => {
    /** A Python whose pip does as the script says, with the download folder as $dest; otherwise the real one. */
    function pythonWithPip(script: string): string {
      const path = join(folder, 'python3');
      const wrapper = `#!/bin/sh
case "$*" in *"pip download"*)
  while [ "$1" != --dest ]; do shift; done; dest=$2
  ${script};;
*) exec "${python ?? ''}" "$@";; esac
`;
      writeFileSync(path, wrapper);
      chmodSync(path, 0o755);
      return path;
    }

    const ensure = (pip: string) =>
      ensureLibtensorflow({ cache: join(folder, 'cache'), variant: 'cpu', python: pythonWithPip(pip) });

    it.each([
      ['wrong-checksum', 'echo altered > "$dest/tensorflow_cpu-2.21.0-cp311.whl"'],
      [
        'network',
        "echo 'Max retries exceeded: Temporary failure in name resolution' >&2; echo 'ERROR: No matching distribution found' >&2; exit 1",
      ],
      ['not-in-index', "echo 'ERROR: No matching distribution found for tensorflow-cpu==2.21.0' >&2; exit 1"],
      [
        'disk-full',
        'echo part > "$dest/part"; echo \'OSError: [Errno 28] No space left on device\' >&2; exit 1',
      ],
    ])('explains %s and leaves no partial download', async (code, pip) => {
      await expect(ensure(pip)).rejects.toMatchObject({ name: 'SetupError', code });
      expect(readdirSync(join(folder, 'cache'))).toEqual(['locks']);
    });
  },
);
