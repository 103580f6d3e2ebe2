import { dirname, sep } from 'node:path';

/**
 * A failure of the set-up that a person can act on. `message` is one sentence (or two) that says what is wrong
 * and what to do; it is shown as it is, never with a stack trace.
 */
export class SetupError extends Error {
  /**
   * @param {string} code - stable, for callers that branch on it: 'no-python', 'network', 'disk-full' …
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SetupError';
    this.code = code;
  }
}

/**
 * @param {unknown} error
 * @returns {string | undefined} Node's code of a system's error, such as `ENOENT`
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * An error of Node, or what a tool wrote that failed.
 *
 * @typedef {{ code?: string | undefined, message?: string | undefined, path?: string | undefined, dest?: string | undefined, output?: string | undefined }} ToolError
 */

/** @type {[reason: 'disk-full' | 'network' | 'no-permission', sign: RegExp][]} */
const signs = [
  ['disk-full', /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|\[Errno 28\]|not enough space/i],
  [
    'network',
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network|NameResolutionError|NewConnectionError|name resolution|ConnectTimeout|ReadTimeout|Connection (refused|reset|aborted)|Max retries exceeded|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER/i,
  ],
  ['no-permission', /EACCES|EPERM|EROFS|permission denied|read-only file system/i],
];

/**
 * What a tool's output, or an error of Node, says about the reason of a failure.
 *
 * @param {string} text
 * @returns {'disk-full' | 'network' | 'no-permission' | undefined}
 */
export function reasonIn(text) {
  return signs.find(([, sign]) => sign.test(text))?.[0];
}

/**
 * The folder in which a write was refused, where the system or npm says which.
 *
 * @param {Pick<ToolError, 'path' | 'dest' | 'output'>} error
 * @returns {string | undefined}
 */
function folderIn({ path, dest, output }) {
  const refused = dest ?? path ?? /^npm (?:error|ERR!) (?:dest|path) (.+)$/m.exec(output ?? '')?.[1];
  return refused === undefined ? undefined : dirname(refused);
}

/**
 * Turns the failure of one step into a sentence that says what to do.
 *
 * @param {string} what - the step, as the object of "could not": "install the dependencies"
 * @param {unknown} error - an error of Node, or `{ output }` of a tool that failed
 * @param {{ folder?: string, cache?: string }} [where] - the folder the step writes to, where the error names none;
 *   `cache` for one in the cache, which a person may move
 * @returns {SetupError}
 */
export function explain(what, error, { folder, cache } = {}) {
  if (error instanceof SetupError) return error;
  const { code, message, output, path, dest } = /** @type {ToolError} */ (error ?? {});
  const text = [code, message, output].filter(Boolean).join('\n');
  const place = folderIn({ path, dest, output }) ?? folder ?? cache;
  const there = place === undefined ? '' : ` in ${place}`;
  const isMovable =
    place === undefined || (cache !== undefined && `${place}${sep}`.startsWith(`${cache}${sep}`));
  switch (reasonIn(text)) {
    case 'disk-full': {
      const instead = isMovable ? ', or set UNRAVEL_CACHE to a folder on another disk,' : '';
      return new SetupError(
        'disk-full',
        `Could not ${what}: the disk is full${there}. Free about 3 GB there${instead} and run the command again.`,
        error,
      );
    }
    case 'network':
      return new SetupError(
        'network',
        `Could not ${what}: the download did not get through. Check the network (behind a proxy, set HTTPS_PROXY) and run the command again.`,
        error,
      );
    case 'no-permission':
      return new SetupError(
        'no-permission',
        `Could not ${what}: this user may not write${there || ' there'}. Correct the folder's owner, or ${isMovable ? 'set UNRAVEL_CACHE to a folder' : 'use a clone'} of your own, and run the command again.`,
        error,
      );
    default:
      return new SetupError(
        'failed',
        `Could not ${what}: ${complaintIn(output ?? message ?? String(error))}`,
        error,
      );
  }
}

/**
 * The line of a tool's output that says what is wrong: its first complaint, or else its last line.
 *
 * @param {string} output
 * @returns {string}
 */
export function complaintIn(output) {
  const lines = output
    .split('\n')
    .map((line) =>
      line.replace(/^(npm (error|ERR!)|gyp ERR!|node-pre-gyp ERR!|ERROR:)\s*(notarget )?/, '').trim(),
    )
    .filter(
      (line) => line !== '' && !/^code E[A-Z0-9]+$|complete log of this run|^not ok$|^verbose /i.test(line),
    );
  const complaint = lines.find((line) => /error|fail|cannot|could not|not found|no matching/i.test(line));
  return complaint ?? lines.at(-1) ?? 'it gave no reason.';
}
