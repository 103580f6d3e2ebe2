/**
 * @typedef {object} Progress
 * @property {<T>(name: string, work: (found: (text: string) => void) => T | Promise<T>) => Promise<T>} step - writes a line while
 *   work is done; `found` gets what the line is to end with
 * @property {(text: string) => void} note - writes a remark on a line of its own
 */

/**
 * One line a step: `▸ dependencies … 14 s`. The first half is written when the step begins, so that a long one
 * is seen to be at work, also in a log.
 *
 * @returns {Progress}
 * @param {(text: string) => void} log - receives text as it comes, line ends included
 */
export function progressLines(log) {
  return {
    async step(name, work) {
      const began = performance.now();
      log(`▸ ${name} … `);
      let found = '';
      try {
        const value = await work((text) => (found = text));
        log(`${seconds(performance.now() - began)}${found && `, ${found}`}\n`);
        return value;
      } catch (error) {
        log('failed\n');
        throw error;
      }
    },
    note(text) {
      log(`  ${text}\n`);
    },
  };
}

/**
 * @param {number} milliseconds
 * @returns {string} such as "0.4 s", "14 s", "2 min 5 s"
 */
export function seconds(milliseconds) {
  const value = milliseconds / 1000;
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
