import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { npmCommand } from '../../scripts/setup/dependencies.mjs';
import { checkNode, findCompiler, findPython, hasNvidiaDriver } from '../../scripts/setup/tools.mjs';

const posix = process.platform !== 'win32';

/** A folder that is the whole PATH, and programs in it that are shell scripts. */
let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'unravel-path-'));
});
afterEach(() => rmSync(bin, { recursive: true, force: true }));

function program(name: string, script = 'exit 0'): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
}

describe('checkNode', () => {
  it('accepts this Node and newer ones', () => {
    checkNode();
    checkNode('20.19.0');
    checkNode('26.0.1');
  });

  it.each(['18.20.4', '20.18.3'])('refuses Node %s and names the required version', (version) => {
    expect(() => checkNode(version)).toThrow(`needs Node 20.19 or newer and this is ${version}. Install`);
  });
});

describe.runIf(posix)('findPython', () => {
  const answers = (version: string, pip: string) =>
    `case "$*" in *version_info*) echo ${version};; *pip*) ${pip};; esac`;

  it('takes the first Python that is new enough and has pip', async () => {
    program('python3', answers('False', 'exit 0'));
    program('python', answers('True', 'exit 0'));
    expect(await findPython({ PATH: bin })).toBe(join(bin, 'python'));
  });

  it('says what to install when there is no Python, or only an old one', async () => {
    const wanted = { code: 'no-python', message: expect.stringMatching(/Install it .*python3/) as string };
    await expect(findPython({ PATH: bin })).rejects.toMatchObject(wanted);
    program('python3', answers('False', 'exit 0'));
    await expect(findPython({ PATH: bin })).rejects.toMatchObject(wanted);
  });

  it('says what to install when Python has no pip', async () => {
    program('python3', answers('True', 'exit 1'));
    await expect(findPython({ PATH: bin })).rejects.toMatchObject({
      code: 'no-pip',
      message: expect.stringContaining('apt install python3-pip') as string,
    });
  });
});

describe.runIf(posix)('findCompiler', () => {
  it('says what to install when there is no compiler', () => {
    expect(() => findCompiler({ PATH: bin })).toThrow(
      /no C\+\+ compiler was found\. Install .*build-essential/,
    );
  });

  it('says what to install when there is no make', () => {
    program('g++');
    program('gcc');
    expect(() => findCompiler({ PATH: bin })).toThrow(/make was not found\. Install .*build-essential/);
  });

  it('takes clang where there is no gcc', () => {
    for (const name of ['clang', 'clang++', 'make']) program(name);
    expect(findCompiler({ PATH: bin })).toEqual({ CXX: 'clang++', CC: 'clang' });
  });
});

describe.runIf(posix)('npmCommand', () => {
  it('takes the npm that started us before one on the PATH', () => {
    const started = { PATH: bin, npm_execpath: '/somewhere/npm-cli.js' };
    expect(npmCommand(started)).toMatchObject({ program: process.execPath, args: ['/somewhere/npm-cli.js'] });
    program('npm');
    expect(npmCommand({ PATH: bin })).toMatchObject({ program: join(bin, 'npm'), args: [] });
  });

  it('says how to get npm when there is none', () => {
    expect(() => npmCommand({ PATH: bin })).toThrow(/npm was not found\. It comes with Node: install/);
  });
});

describe.runIf(posix)('hasNvidiaDriver', () => {
  it('recognises a driver by its nvidia-smi', () => {
    program('nvidia-smi');
    expect(hasNvidiaDriver({ PATH: bin })).toBe(true);
  });
});
