import { isDeepStrictEqual } from 'node:util';

/**
 * The settings of a training, or a group of them: values, and groups.
 *
 * @typedef {{ readonly [name: string]: unknown }} Settings
 */

/** Most characters of a value that is written in a message. */
const MOST_CHARACTERS = 40;

/**
 * @param {unknown} value
 * @returns {value is Settings}
 */
function isSettings(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Each setting by its name, with that of the group that it is in: `objective.beta`. An architecture of own layers is one
 * setting.
 *
 * @param {Settings} settings
 * @param {string} [group]
 * @returns {[name: string, value: unknown][]}
 */
function flat(settings, group = '') {
  return Object.entries(settings).flatMap(([name, value]) => {
    const path = `${group}${name}`;
    return isSettings(value) && path !== 'architecture' ? flat(value, `${path}.`) : [[path, value]];
  });
}

/**
 * In which settings a run differs from what would be trained, in words: `latentDim is 10 and would be 13`.
 *
 * @param {Settings} found - of the run
 * @param {Settings} wanted
 */
export function differences(found, wanted) {
  const [own, other] = [new Map(flat(found)), new Map(flat(wanted))];
  return [...new Set([...own.keys(), ...other.keys()])].flatMap((name) => {
    const values = [own.get(name), other.get(name)];
    if (isDeepStrictEqual(values[0], values[1])) return [];
    const [is = '', wouldBe = ''] = values.map((value) =>
      value === undefined ? 'not set' : JSON.stringify(value),
    );
    const isShort = Math.max(is.length, wouldBe.length) <= MOST_CHARACTERS;
    return [isShort ? `${name} is ${is} and would be ${wouldBe}` : `${name} is another`];
  });
}

/**
 * What is left to do for a model that has a run: `resume` it where it was interrupted or has fewer epochs, nothing where
 * it is `done`, or `refuse` to go on with it because it has other settings.
 *
 * @param {{ state: string, dataset: { id: string } | null, config: Settings }} run
 * @param {{ dataset: string, config: Settings }} wanted - what would be trained
 * @returns {{ action: 'done' } | { action: 'resume', epochs?: number } | { action: 'refuse', why: string[] }}
 */
export function nextStep(run, { dataset, config }) {
  const [has, should] = [Number(run.config['epochs']), Number(config['epochs'])];
  const isShorter = has < should;
  const why = [
    ...(run.dataset?.id === dataset ? [] : ['it was trained on other images']),
    ...differences(isShorter ? { ...run.config, epochs: should } : run.config, config),
  ];
  if (why.length > 0) return { action: 'refuse', why };
  if (isShorter) return { action: 'resume', epochs: should };
  return { action: run.state === 'done' ? 'done' : 'resume' };
}
