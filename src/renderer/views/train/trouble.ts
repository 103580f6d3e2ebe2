import { inOneLine } from '../../../contract/errors.ts';
import { PAPERS_SETTINGS } from '../../../contract/run.ts';
import { wholeNumber } from '../../components/format.ts';
import { heldText } from '../../components/job-words.ts';
import { sharpenedFrom, type Entry } from './state/entries.ts';

/** Why a training does not go on, and what can be done. */
export interface Trouble {
  /** `waiting` goes on as it was; `failed` would fail again. */
  readonly kind: 'failed' | 'waiting';
  readonly title: string;
  readonly text: string;
  /** A learning rate that it may succeed with. */
  readonly slowerRate?: number;
}

/** The trouble that a training is in; undefined where it is in none. */
export function troubleOf(entry: Entry): Trouble | undefined {
  const { state, run, job, config } = entry;
  const epoch = run?.epoch ?? 0;
  const of = config ? ` of ${wholeNumber(config.epochs)}` : '';
  if (state === 'held' && job?.held) {
    return { kind: 'waiting', title: 'Not started', text: heldText(job.held) };
  }
  if (state === 'paused') {
    return {
      kind: 'waiting',
      title: `Paused after epoch ${wholeNumber(epoch)}${of}`,
      text: 'A checkpoint was written. Training can go on from it, with the same result as without the pause.',
    };
  }
  if (state === 'interrupted' && job?.state === 'cancelled') {
    return {
      kind: 'waiting',
      title: `Stopped after epoch ${wholeNumber(epoch)}${of}`,
      text: 'A checkpoint was written. Training can go on from it, with the same result as without the stop.',
    };
  }
  if (state === 'interrupted') {
    return {
      kind: 'waiting',
      title: `Interrupted after epoch ${wholeNumber(epoch)}${of}`,
      text: 'The process that trained it ended early. Training can go on from the last checkpoint.',
    };
  }
  if (state !== 'failed') return undefined;
  const error = job?.error ?? run?.failure;
  if (error?.code !== 'diverged') {
    const text = error ? inOneLine(error) : 'The reason is not known.';
    return { kind: 'failed', title: 'Training stopped', text };
  }
  const rate = config?.learningRate ?? PAPERS_SETTINGS.learningRate;
  // The paper sharpens nothing.
  const isHigh = rate > PAPERS_SETTINGS.learningRate && sharpenedFrom(entry) === undefined;
  const cause = isHigh
    ? `A learning rate of ${rate} is the likely cause: the paper uses ${PAPERS_SETTINGS.learningRate}.`
    : 'A smaller learning rate or smaller weights may keep it finite.';
  return {
    kind: 'failed',
    title: 'Training stopped: the loss became infinite',
    text: `${error.message} ${cause}`,
    slowerRate: Number((rate / 10).toPrecision(6)),
  };
}
