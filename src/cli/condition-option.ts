import type { Command } from 'commander';
import { encodeCondition } from '../contract/condition.ts';
import type { TrainedModel } from '../engine/inference/model.ts';
import { UsageError } from './usage-error.ts';

/** The condition of a conditional model. */
export interface ConditionOptions {
  readonly condition?: string;
}

/** Adds the option for the condition that a model decodes with. */
export function addConditionOption(command: Command, otherwise: string): Command {
  return command.option(
    '--condition <value>',
    `the condition of a conditional model: one of its words, yes or no, a date, or a number (default: ${otherwise})`,
  );
}

/**
 * Sets the condition that a model decodes with.
 *
 * @param text - the value of `--condition`, if it was given
 * @param own - the condition without the option: an image's own label, or the most frequent value if left out
 * @returns the condition that was set; undefined for a model that is not conditional
 * @throws UsageError for a model that is not conditional, or a value that its column does not have
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
      'Leave --condition out. unravel train --condition trains models that take one.',
    );
  }
  const { parseCondition } = await import('../engine/models/condition.ts');
  const value = text === undefined ? (own ?? condition.usual) : parseCondition(condition, text);
  if (typeof value !== 'number') throw new UsageError(`--condition cannot be ${text ?? ''}.`, value.hint);
  model.assume(encodeCondition(condition, [value]));
  return value;
}
