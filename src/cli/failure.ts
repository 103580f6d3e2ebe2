import { CommanderError } from 'commander';
import { UnravelError } from '../contract/errors.ts';
import { commandHint } from './hints.ts';
import type { Failure } from './output.ts';
import { UsageError } from './usage-error.ts';

/** Ids that a script needs although the command failed, such as the run that can be resumed. */
export class FailureWithIds extends UnravelError {
  readonly ids: Readonly<Record<string, unknown>>;

  constructor(error: UnravelError, ids: Readonly<Record<string, unknown>>) {
    super(error.code, error.message, {
      ...(error.path === undefined ? {} : { path: error.path }),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    });
    this.ids = ids;
  }
}

/** The parser writes `error: unknown option '--bat'\n(Did you mean --batch?)`. */
function ofParser({ message, code }: CommanderError): Failure {
  // `unravel` alone: the help has been shown already.
  if (code === 'commander.help') return { code: 'usage', message: 'Say what to do: name a command.' };
  const [what = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return {
    code: 'usage',
    message: /[.?!]$/.test(sentence) ? sentence : `${sentence}.`,
    hint: suggestion || 'Add --help to see what the command takes.',
  };
}

/**
 * What to say about anything that a command threw.
 *
 * @param signal - when it was aborted, an AbortError is the person's own doing
 */
export function explainFailure(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof CommanderError) return ofParser(error);
  if (error instanceof UsageError) return { code: 'usage', message: error.message, hint: error.hint };
  if (error instanceof UnravelError) {
    const { code, message, path } = error;
    const ids = error instanceof FailureWithIds ? { ids: error.ids } : {};
    return { code, message, path, hint: commandHint(error), ...ids };
  }
  if (signal.aborted && error instanceof Error && error.name === 'AbortError') {
    return { code: 'cancelled', message: 'Stopped before it was finished.' };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Something went wrong inside Unravel: ${message.split('\n')[0]!.replace(/\.$/, '')}.`,
    hint: 'This is a fault of the program. With UNRAVEL_DEBUG=1 it shows where; please report that.',
  };
}
