/**
 * What Electron is told of Chromium's sandbox. Root cannot make one, and without a word about it Electron ends at
 * once.
 *
 * @param {number | undefined} uid - of the user who starts it; undefined on systems without such numbers
 * @returns {{ args: string[], remark?: string }} `remark`: one line for the person
 */
export function sandboxFor(uid) {
  if (uid !== 0) return { args: [] };
  return {
    args: ['--no-sandbox'],
    remark:
      "Unravel was started as root, so Chromium's sandbox is off: a fault in it would give a page root's rights. Start it as a user of your own to have the sandbox.",
  };
}
