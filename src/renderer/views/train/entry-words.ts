import type { RunInfo } from '../../../contract/run.ts';
import { counted, duration, wholeNumber } from '../../components/format.ts';
import { epochUnderWay, type Entry } from './state/entries.ts';
import { weightWords } from './state/papers.ts';

/** What stands at the right of a card: where the training is. */
export function entryMark(entry: Entry): string {
  const { state, config } = entry;
  switch (state) {
    case 'running':
      return config ? `${wholeNumber(epochUnderWay(entry))} of ${wholeNumber(config.epochs)}` : 'running';
    case 'pausing':
      return 'pausing';
    case 'failed':
      return 'stopped';
    default:
      return state;
  }
}

/** The held-out error with as many digits as it deserves. */
export function errorText(error: number): string {
  return error < 100 ? error.toFixed(1) : wholeNumber(error);
}

/** One line below a card's name. */
export function entryLine(entry: Entry): string {
  const { state, config, run, job } = entry;
  const epochs = config ? counted(config.epochs, 'epoch') : '';
  switch (state) {
    case 'queued':
      return [config ? weightWords(config.objective) : '', epochs].filter(Boolean).join(', ');
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
      return job?.error?.code === 'diverged' || /diverged/.test(run?.failure ?? '')
        ? `Loss became infinite, epoch ${wholeNumber((run?.epoch ?? 0) + 1)} of ${wholeNumber(config?.epochs ?? 0)}`
        : (job?.error?.message ?? run?.failure ?? 'It could not go on');
    case 'imported':
      return run?.importedFrom ? `from ${run.importedFrom}` : 'trained elsewhere';
    case 'done':
      return run?.heldOut ? `${epochs}, error ${errorText(run.heldOut.reconstruction)}` : epochs;
  }
}

/** What a run is, beside its name: `burgess, 10 dimensions, seed 0`. */
export function runFacts({ config, dataset }: RunInfo): string {
  const architecture = config.architecture === 'paper' ? 'paper’s architecture' : config.architecture;
  const facts = [architecture, counted(config.latentDim, 'dimension'), `seed ${config.seed}`];
  return dataset ? `${facts.join(', ')}, on ${dataset.name}` : facts.join(', ');
}
