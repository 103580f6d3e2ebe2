import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { removeFileAndItsFolder } from '../system/remove.ts';

/** What opens a file on each system. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens an address in the system's browser without naming it on a command line, which every user of the machine can
 * read: the browser is given a file that leads there and that only this user can read.
 *
 * @param address - carries the token
 * @param onFailure - hears that no browser could be opened
 * @returns takes the file away, once the browser has been there; the end of this process does so too
 */
export function openInBrowser(address: string, onFailure: () => void): () => void {
  let file: string;
  try {
    file = writeRedirection(address);
  } catch {
    onFailure();
    return () => undefined;
  }
  const forget = (): void => {
    process.off('exit', forget);
    remove(file);
  };
  process.on('exit', forget);
  const [program = 'xdg-open', ...args] = OPENERS[process.platform] ?? [];
  const child = spawn(program, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  const fail = (): void => {
    forget();
    onFailure();
  };
  child.on('error', fail);
  child.on('exit', (code) => {
    if (code !== 0) fail();
  });
  child.unref();
  return forget;
}

/** A page that leads to an address, in a new folder that is this user's only. */
function writeRedirection(address: string): string {
  const folder = makeFolder();
  const file = join(folder, 'open-unravel.html');
  const target = new URL(address).href.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="referrer" content="no-referrer" />
    <meta http-equiv="refresh" content="0; url=${target}" />
    <title>Unravel</title>
  </head>
  <body><a href="${target}">Open Unravel</a></body>
</html>
`;
  writeFileSync(file, page, { mode: 0o600, flag: 'wx' });
  return file;
}

/** In the user's folder for what lives as long as a session, where the system has one. */
function makeFolder(): string {
  try {
    return mkdtempSync(join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'unravel-open-'));
  } catch {
    // There is none, or it is another user's, such as after su.
    return mkdtempSync(join(tmpdir(), 'unravel-open-'));
  }
}

function remove(file: string): void {
  try {
    removeFileAndItsFolder(file);
  } catch {
    // It has been taken away already.
  }
}
