import { PickleTensor, type PickleDict, type PickleValue } from './values.ts';

/** Maximum number of dictionaries that are looked into, and how deep they lie in one another. */
const MOST_DICTS = 2000;
const MOST_DEPTH = 4;
/** Keys of what a training keeps beside the weights. */
const BESIDE = /^optim|^lr_sched|^scheduler|^callbacks$|^loops$/;
/** Prefixes that wrappers give every name: DataParallel, Lightning and torch.compile. */
const PREFIXES = ['module.', 'model.', '_orig_mod.', 'net.', 'vae.'];

/** Weights by name, in the order of the file. */
export type StateDict = ReadonlyMap<string, PickleTensor>;

function tensorsOf(dict: PickleDict, prefix = ''): Map<string, PickleTensor> {
  const tensors = new Map<string, PickleTensor>();
  for (const [key, value] of dict) {
    if (typeof key === 'string' && value instanceof PickleTensor) tensors.set(`${prefix}${key}`, value);
  }
  return tensors;
}

/** The tensors of a dictionary, together with those of its entries `encoder` and `decoder` if it has both. */
function weightsIn(dict: PickleDict): Map<string, PickleTensor> {
  const [encoder, decoder] = [dict.get('encoder'), dict.get('decoder')];
  if (!(encoder instanceof Map) || !(decoder instanceof Map)) return tensorsOf(dict);
  return new Map([...tensorsOf(dict), ...tensorsOf(encoder, 'encoder.'), ...tensorsOf(decoder, 'decoder.')]);
}

/**
 * Finds the weights in what `torch.save` wrote: the dictionary with the most named tensors, wherever a training program has
 * put it (`state_dict`, `model_state_dict`, `net_states.net`, …).
 *
 * @returns no weights if there are none
 */
export function findStateDict(value: PickleValue): StateDict {
  let best = new Map<string, PickleTensor>();
  const seen = new Set<PickleValue>();
  let level: PickleValue[] = [value];
  for (let depth = 0; depth <= MOST_DEPTH && level.length > 0; depth++) {
    const next: PickleValue[] = [];
    for (const dict of level) {
      if (!(dict instanceof Map) || seen.has(dict) || seen.size >= MOST_DICTS) continue;
      seen.add(dict);
      const found = weightsIn(dict);
      if (found.size > best.size) best = found;
      for (const [key, inner] of dict) {
        if (inner instanceof Map && !(typeof key === 'string' && BESIDE.test(key))) next.push(inner);
      }
    }
    level = next;
  }
  return withoutPrefix(best);
}

/** Names without the prefixes that all of them have. */
export function withoutPrefix<T>(named: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  if (named.size === 0) return named;
  const names = [...named.keys()];
  const prefix = PREFIXES.find((each) => names.every((name) => name.startsWith(each)));
  if (prefix === undefined) return named;
  return withoutPrefix(new Map([...named].map(([name, value]) => [name.slice(prefix.length), value])));
}
