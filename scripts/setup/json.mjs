/**
 * `JSON.parse` of a text whose form the caller knows: what comes back is to be cast to it.
 *
 * @param {string} text
 * @returns {unknown}
 */
export function parseJson(text) {
  return JSON.parse(text);
}
