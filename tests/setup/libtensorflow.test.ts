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
import { ensureLibtensorflow } from '../../scripts/setup/libtensorflow.mjs';
import { findPython, loadsManylinux } from '../../scripts/setup/tools.mjs';
import { unpackWheel } from '../../scripts/setup/wheels.mjs';

const python: string | undefined = await findPython().catch(() => undefined);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-wheel-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Python writes the wheel, as it reads it. */
function makeWheel(members: Record<string, string>): { wheel: string; sha256: string } {
  const wheel = join(folder, 'tensorflow_cpu-0.0-none-any.whl');
  const script = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name, text in json.loads(sys.argv[2]).items(): z.writestr(name, text)`;
  execFileSync(python ?? '', ['-c', script, wheel, JSON.stringify(members)]);
  return { wheel, sha256: createHash('sha256').update(readFileSync(wheel)).digest('hex') };
}

describe.runIf(python !== undefined)('unpackWheel (skipped without Python)', () => {
  const unpack = (wheel: string, sha256: string, prefixes = ['tensorflow/lib']) =>
    unpackWheel({ python: python ?? '', wheel, sha256, into: join(folder, 'out'), prefixes });

  it('unpacks the members asked for and no others', async () => {
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

  it('refuses members that climb out', async () => {
    const { wheel, sha256 } = makeWheel({ 'tensorflow/lib/../../../escaped': 'x' });
    await expect(unpack(wheel, sha256)).rejects.toMatchObject({ code: 'damaged' });
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
  });

  it('says so when a wheel is cut short or lacks the libraries', async () => {
    const { wheel, sha256 } = makeWheel({ 'tensorflow/other.txt': 'x' });
    await expect(unpack(wheel, sha256)).rejects.toMatchObject({ code: 'damaged' });
    writeFileSync(wheel, readFileSync(wheel).subarray(0, 40));
    await expect(unpack(wheel, '-')).rejects.toMatchObject({ code: 'damaged' });
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
      expect(readdirSync(join(folder, 'cache'))).toEqual([]);
    });
  },
);
