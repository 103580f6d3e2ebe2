import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from './harness/electron-under-test.ts';
import { launch } from './harness/launch.ts';
import { makeHome, noElectron, unravelCommand, type Home } from './harness/unravel.ts';

/** The stand-in for Electron's program is a shell's script. */
const skipped = process.platform === 'win32' ? 'there is no sh on Windows' : noElectron;

describe.skipIf(skipped)(`npm start${skipped ? ` (skipped: ${skipped})` : ''}`, () => {
  const home = makeHome();
  afterEach(() => home.remove());

  /** The program that the command is told to take for Electron: the real one, but with the app that it can run. */
  async function electronProgram({
    workspace,
  }: Home): Promise<{ path: string; env: NodeJS.ProcessEnv | undefined }> {
    const { executable, args, env } = await unravelCommand(home);
    const path = join(dirname(workspace), 'electron');
    mkdirSync(dirname(path), { recursive: true });
    // The first word is the app's folder.
    writeFileSync(path, `#!/bin/sh\nshift\nexec "${executable}" "${args[0]!}" "$@"\n`);
    chmodSync(path, 0o755);
    return { path, env };
  }

  it('opens the app, which ends in order when the command is told to end', async () => {
    const { path, env } = await electronProgram(home);
    const command = await launch({
      executable: process.execPath,
      app: join(root, 'scripts', 'start.mjs'),
      args: ['--workspace', home.workspace],
      env: { ...env, UNRAVEL_ELECTRON: path },
      profile: home.profile,
    });
    try {
      await command.page.find('img', 'Decoded from the live code');
      expect(await command.page.evaluate(() => location.href)).toBe('app://unravel/');
      await command.page.screenshot('npm-start');
    } finally {
      expect(await command.close()).toBe(true);
    }
    expect(await command.ended()).toBe(0);
    expect(command.output()).not.toContain('Serving');
  });
});
