import { connect } from 'node:net';
import { join } from 'node:path';

const answerMs = 1000;

/**
 * Whether a window can be shown. Windows and macOS always have a desktop, as far as can be told from here; elsewhere
 * a Wayland compositor or an X server must answer, because a variable alone may be left from an earlier session.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [platform]
 * @returns {Promise<boolean>}
 */
export async function hasDisplay(env = process.env, platform = process.platform) {
  if (platform === 'win32' || platform === 'darwin') return true;
  const wayland = env['WAYLAND_DISPLAY'];
  if (wayland && (await answers({ path: join(env['XDG_RUNTIME_DIR'] ?? '', wayland) }))) return true;
  const [, host, number] = /^(.*):(\d+)(?:\.\d+)?$/.exec(env['DISPLAY'] ?? '') ?? [];
  if (number === undefined) return false;
  if (host === '' || host === 'unix') {
    // An abstract socket on Linux, a file elsewhere and beside it.
    const path = `/tmp/.X11-unix/X${number}`;
    return (await answers({ path })) || (await answers({ path: `\0${path}` }));
  }
  return answers({ host, port: 6000 + Number(number) });
}

/**
 * @param {import('node:net').NetConnectOpts} where
 * @returns {Promise<boolean>}
 */
function answers(where) {
  return new Promise((resolve) => {
    const socket = connect(where);
    const end = (/** @type {boolean} */ found) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(answerMs, () => end(false));
  });
}
