import type { Command } from 'commander';
import type { TrainedModel } from '../engine/inference/model.ts';
import { UsageError } from './usage-error.ts';

/** What a conditional model is told. */
export interface ConditionOptions {
  readonly condition?: string;
}

/** Adds the option that says what a conditional model is told while it decodes. */
export function addConditionOption(command: Command, otherwise: string): Command {
  return command.option(
    '--condition <value>',
    `what a conditional model is told: yes or no, a category, or a number (default: ${otherwise})`,
  );
}

/**
 * Has a model decode under what `--condition` says, where it is given.
 *
 * @param own - what it is told where the option is not given: an image's own label, else the usual
 * @returns what it is told from here on; undefined for a model that is told nothing
 * @throws UsageError for a model that is told nothing, or a value that its column does not have
 */
export async function assumeCondition(
  model: TrainedModel,
  text: string | undefined,
  own?: number,
): Promise<number | undefined> {
  const { condition } = model;
  if (!condition) {
    if (text === undefined) return undefined;
    throw new UsageError(
      'The model takes no condition.',
      'Leave --condition out; unravel train --condition makes models that take one.',
    );
  }
  const { parseCondition, encodeCondition } = await import('../engine/models/condition.ts');
  const value = text === undefined ? (own ?? condition.usual) : parseCondition(condition, text);
  if (typeof value !== 'number') throw new UsageError(`--condition cannot be ${text ?? ''}.`, value.hint);
  model.assume(encodeCondition(condition, [value]));
  return value;
}
