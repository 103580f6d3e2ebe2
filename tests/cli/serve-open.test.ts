import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tokenOf } from '../../src/contract/entrance.ts';
import { connectSocket } from '../server/connect-socket.ts';
import { jsonLines, startCli, type Running } from './run-cli.ts';
import { eventually } from '../fixtures/eventually.ts';

/** What stands in for the system's opener is a program on the PATH; on other systems it has another name. */
const skipped = process.platform === 'linux' ? '' : ' (skipped: it replaces xdg-open, which is Linux’s)';

let folder: string;
let cli: Running | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-open-test-'));
  mkdirSync(join(folder, 'runtime'), { mode: 0o700 });
  mkdirSync(join(folder, 'bin'));
});
afterEach(async () => {
  if (cli?.process.exitCode === null) cli.process.kill('SIGKILL');
  await cli?.ended;
  cli = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Opened {
  readonly argv: string[];
  readonly cmdline: string;
  readonly env: Record<string, string>;
}

/** A program in the opener's place, which notes how it was called and what others can see of it. */
function placeOpener(exitCode = 0): void {
  const note = join(folder, 'opened.json');
  const program = `#!${process.execPath}
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const cmdline = readFileSync('/proc/self/cmdline', 'utf8');
writeFileSync(${JSON.stringify(`${note}.part`)}, JSON.stringify({ argv: process.argv.slice(2), cmdline, env: process.env }));
renameSync(${JSON.stringify(`${note}.part`)}, ${JSON.stringify(note)});
process.exitCode = ${exitCode};
`;
  writeFileSync(join(folder, 'bin/xdg-open'), program);
  chmodSync(join(folder, 'bin/xdg-open'), 0o755);
}

/** Starts `unravel serve --open` and waits until it has printed its address and the opener has been called. */
async function serveOpen(): Promise<{ url: string; token: string; opened: Opened; running: Running }> {
  let url: string | undefined;
  const running = startCli(['serve', '--open', '--json', '--workspace', join(folder, 'workspace')], {
    env: {
      PATH: join(folder, 'bin') + delimiter + (process.env['PATH'] ?? ''),
      XDG_RUNTIME_DIR: join(folder, 'runtime'),
    },
    onOutput: (stdout) => {
      const line = stdout.split('\n').find((one) => one.includes('"serving"'));
      if (line) url = (JSON.parse(line) as { url: string }).url;
    },
  });
  cli = running;
  await eventually(() => expect(existsSync(join(folder, 'opened.json'))).toBe(true));
  await eventually(() => expect(url).toBeDefined());
  const opened = JSON.parse(readFileSync(join(folder, 'opened.json'), 'utf8')) as Opened;
  return { url: url!, token: tokenOf(new URL(url!))!, opened, running };
}

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** What every user of this machine can read of its processes. */
function commandLines(): string {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

describe.skipIf(skipped)(`unravel serve --open${skipped}`, () => {
  it('passes the token in a file that only this user can read, and on no command line', async () => {
    placeOpener();
    const { url, token, opened } = await serveOpen();
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(opened.argv).toEqual([expect.stringMatching(/^file:\/\/.*\/open-unravel\.html$/)]);
    expect(JSON.stringify(opened)).not.toContain(token);
    expect(commandLines()).not.toContain(token);
    const file = fileURLToPath(opened.argv[0]!);
    expect(dirname(dirname(file))).toBe(join(folder, 'runtime'));
    expect([mode(file), mode(dirname(file))]).toEqual(['600', '700']);
    expect(readFileSync(file, 'utf8')).toContain(`content="0; url=${url}"`);
  });

  it('removes the file when a window has connected', async () => {
    placeOpener();
    const { url, opened } = await serveOpen();
    const file = fileURLToPath(opened.argv[0]!);
    // Whoever knocks without the token has not come in.
    const refused = connectSocket(new URL('/', url).href);
    await new Promise((resolve) => refused.once('error', resolve));
    expect(existsSync(file)).toBe(true);
    const socket = connectSocket(url);
    await new Promise((resolve) => socket.once('open', resolve));
    await eventually(() => expect(readdirSync(join(folder, 'runtime'))).toEqual([]));
    socket.close();
  });

  it('removes the file at its end if no window has connected, and does not print the token again', async () => {
    placeOpener();
    const { token, running } = await serveOpen();
    expect(readdirSync(join(folder, 'runtime'))).toHaveLength(1);
    running.process.kill('SIGINT');
    const outcome = await running.ended;
    expect(outcome.code).toBe(0);
    expect(readdirSync(join(folder, 'runtime'))).toEqual([]);
    const saying = jsonLines(outcome).filter((line) => JSON.stringify(line).includes(token));
    expect(saying.map(({ event }) => event)).toEqual(['serving']);
    expect(outcome.stderr).not.toContain(token);
  });

  it('leaves no file behind where no browser can be opened', async () => {
    placeOpener(3);
    const { opened } = await serveOpen();
    expect(opened.argv).toEqual([expect.stringMatching(/open-unravel\.html$/)]);
    await eventually(() => expect(readdirSync(join(folder, 'runtime'))).toEqual([]));
  });
});
