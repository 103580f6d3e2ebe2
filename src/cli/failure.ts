import { CommanderError } from 'commander';
import { UnravelError } from '../contract/errors.ts';
import { commandHint } from './hints.ts';
import type { Failure } from './output.ts';
import { UsageError } from './usage-error.ts';

/** An error with ids that a script needs, such as that of the run that can be resumed. */
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

/** Rewrites the parser's message `error: unknown option '--bat'\n(Did you mean --batch?)`. */
function fromParser({ message, code }: CommanderError): Failure {
  // `unravel` without a command: the help has already been shown.
  if (code === 'commander.help') return { code: 'usage', message: 'Name a command.' };
  const [what = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return {
    code: 'usage',
    message: /[.?!]$/.test(sentence) ? sentence : `${sentence}.`,
    hint: suggestion || 'Add --help to see the options of the command.',
  };
}

/**
 * Turns anything that a command threw into a message.
 *
 * @param signal - if it is aborted, an AbortError means that the person stopped the command
 */
export function explainFailure(error: unknown, signal: AbortSignal): Failure {
  if (error instanceof CommanderError) return fromParser(error);
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
    hint: 'This is a fault of the program. Run it again with UNRAVEL_DEBUG=1 and report the output.',
  };
}
