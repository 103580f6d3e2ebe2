import { PAPERS_SETTINGS } from '../../../contract/run.ts';
import { wholeNumber } from '../../components/format.ts';
import type { Entry } from './state/entries.ts';

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
export function troubleOf({ state, run, job, config }: Entry): Trouble | undefined {
  const epoch = run?.epoch ?? 0;
  const of = config ? ` of ${wholeNumber(config.epochs)}` : '';
  if (state === 'paused') {
    return {
      kind: 'waiting',
      title: `Paused after epoch ${wholeNumber(epoch)}${of}`,
      text: 'A checkpoint is written. It goes on from there, as if it had never stopped.',
    };
  }
  if (state === 'interrupted' && job?.state === 'cancelled') {
    return {
      kind: 'waiting',
      title: `Stopped after epoch ${wholeNumber(epoch)}${of}`,
      text: 'A checkpoint was written. It can go on from there, as if it had never stopped.',
    };
  }
  if (state === 'interrupted') {
    return {
      kind: 'waiting',
      title: `Interrupted after epoch ${wholeNumber(epoch)}${of}`,
      text: 'Its process ended before the training did. It goes on from its last checkpoint.',
    };
  }
  if (state !== 'failed') return undefined;
  const message = job?.error?.message ?? run?.failure ?? 'Nothing says why.';
  if (job?.error?.code !== 'diverged' && !/diverged/.test(message)) {
    return { kind: 'failed', title: 'Training stopped', text: `${message} ${job?.error?.hint ?? ''}`.trim() };
  }
  const step = /step ([\d,]+)/.exec(message)?.[1];
  const kept =
    epoch > 0
      ? `The checkpoint of epoch ${wholeNumber(epoch)} is safe.`
      : 'It happened before the first checkpoint.';
  const rate = config?.learningRate ?? PAPERS_SETTINGS.learningRate;
  const isHigh = rate > PAPERS_SETTINGS.learningRate;
  const cause = isHigh
    ? `A learning rate of ${rate} is the likely cause: the paper uses ${PAPERS_SETTINGS.learningRate}.`
    : 'A smaller learning rate or smaller weights may keep it finite.';
  return {
    kind: 'failed',
    title: `Training stopped: the loss became infinite${step ? ` at step ${wholeNumber(Number(step.replaceAll(',', '')))}` : ''}`,
    text: `${kept} ${cause}`,
    slowerRate: Number((rate / 10).toPrecision(6)),
  };
}
