import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { removeFileAndItsFolder } from '../system/remove.ts';

/** The command that opens a file, by system; others use xdg-open. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens an address in the system's browser without naming it on a command line, which every user of the machine can
 * read. The browser opens a file that redirects to the address and that only this user can read.
 *
 * @param address - contains the token
 * @param onFailure - called where no browser could be opened
 * @returns removes the file, to be called when the browser has opened it; it is also removed when this process exits
 */
export function openInBrowser(address: string, onFailure: () => void): () => void {
  let file: string;
  try {
    file = writeRedirection(address);
  } catch {
    onFailure();
    return () => undefined;
  }
  const removeRedirection = (): void => {
    process.off('exit', removeRedirection);
    remove(file);
  };
  process.on('exit', removeRedirection);
  const [program = 'xdg-open', ...args] = OPENERS[process.platform] ?? [];
  const child = spawn(program, [...args, pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  const fail = (): void => {
    removeRedirection();
    onFailure();
  };
  child.on('error', fail);
  child.on('exit', (code) => {
    if (code !== 0) fail();
  });
  child.unref();
  return removeRedirection;
}

/** Writes a page that redirects to an address, in a new folder that only this user can open. */
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

/** Makes a folder in the user's run-time folder if the system has one, otherwise in the temporary folder. */
function makeFolder(): string {
  try {
    return mkdtempSync(join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'unravel-open-'));
  } catch {
    // It does not exist, or belongs to another user, such as after su.
    return mkdtempSync(join(tmpdir(), 'unravel-open-'));
  }
}

function remove(file: string): void {
  try {
    removeFileAndItsFolder(file);
  } catch {
    // It has already been removed.
  }
}
