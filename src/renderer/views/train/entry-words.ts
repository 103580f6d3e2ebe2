import { counted, duration, wholeNumber } from '../../components/format.ts';
import { weightLabel } from '../../../contract/run.ts';
import { outcomeOf, outcomeWords } from '../../../contract/verdict.ts';
import { errorText } from '../../components/run-words.ts';
import { epochUnderWay, type Entry } from './state/entries.ts';

/** What stands at the right of a card: where the training is. */
export function entryMark(entry: Entry): string {
  const { state, config, job, run } = entry;
  switch (state) {
    case 'interrupted':
      return job?.state === 'cancelled' ? 'stopped' : 'interrupted';
    case 'running':
      return config ? `${wholeNumber(epochUnderWay(entry))} of ${wholeNumber(config.epochs)}` : 'running';
    case 'held':
      return 'not started';
    case 'pausing':
      return 'pausing';
    case 'failed':
      return 'stopped';
    case 'done':
      return (run && outcomeWords(outcomeOf(run))) ?? state;
    default:
      return state;
  }
}

/** One line below a card's name. */
export function entryLine(entry: Entry): string {
  const { state, config, run, job } = entry;
  const epochs = config ? counted(config.epochs, 'epoch') : '';
  switch (state) {
    case 'held':
    case 'queued':
      return [config ? weightLabel(config.objective) : '', epochs].filter(Boolean).join(', ');
    case 'running': {
      const left = job?.progress?.secondsLeft;
      return left === undefined ? 'starting' : `${duration(left)} left`;
    }
    case 'pausing':
      return 'writing a checkpoint';
    case 'paused':
    case 'interrupted':
      return `epoch ${wholeNumber(run?.epoch ?? 0)} of ${wholeNumber(config?.epochs ?? 0)}`;
    case 'failed':
      return failureLine(entry);
    case 'imported':
      return run?.importedFrom ? `from ${run.importedFrom}` : 'trained elsewhere';
    case 'done':
      return run?.heldOut ? `${epochs}, error ${errorText(run.heldOut.reconstruction)}` : epochs;
  }
}

function failureLine({ config, run, job }: Entry): string {
  const error = job?.error ?? run?.failure;
  if (error?.code !== 'diverged') return error?.message ?? 'It could not continue';
  return `Loss became infinite, epoch ${wholeNumber((run?.epoch ?? 0) + 1)} of ${wholeNumber(config?.epochs ?? 0)}`;
}
