import type { RunInfo } from '../contract/run.ts';
import type { DecoderMeasurement } from '../contract/sharpening.ts';
import type { SharpeningResult } from '../engine/evaluation/sharpening.ts';
import type { Sharpness } from '../engine/metrics/sharpness.ts';
import { counted, measured } from './format.ts';
import type { Session } from './session.ts';

/**
 * Measures a sharpened run beside its origin and reports it, as the last output.
 *
 * @param out - the path of the sheet; if left out, in the run's folder
 */
export async function reportSharpened(
  { reporter, workspace }: Session,
  done: RunInfo,
  out?: string,
): Promise<void> {
  const { measureSharpening } = await import('../engine/evaluation/sharpening.ts');
  reporter.status('Comparing before and after');
  const result = await measureSharpening(workspace, done, { out });
  const { sheet, step: _step, ...numbers } = result;
  reporter.done(
    { run: done.id, name: done.name, epochs: done.epoch, steps: done.step, ...numbers, out: sheet },
    '',
    ...sharpeningWords(result),
    `Wrote originals, before and after to ${sheet}.`,
    `The new run is ${done.name} (${done.id}).`,
  );
}

/** The comparison, for people: a line for each thing that was measured. */
function sharpeningWords({ images, data, before, after }: SharpeningResult): string[] {
  const cell = ({ value, low, high }: Sharpness): string =>
    `${measured(value)} (${measured(low)} to ${measured(high)})`;
  const times = (part: 'sharpness' | 'error'): string =>
    before ? `, ${measured(after[part].value / before[part].value)} times as much` : '';
  const both = (part: 'sharpness' | 'error'): string =>
    `${before ? `${cell(before[part])} before, ` : ''}${cell(after[part])} after${times(part)}`;
  const grid = ({ grid: power }: Pick<DecoderMeasurement, 'grid'>): string => power.toFixed(2);
  return [
    `On ${counted(images, 'image')} held out, with 95 % intervals:`,
    `  sharpness (Laplacian variance)  ${cell(data.sharpness)} in the data; ${both('sharpness')}`,
    `  squared error                   ${both('error')}`,
    `  grid in flat regions            ${grid(data)} in the data; ${before ? `${grid(before)} before, ` : ''}${grid(after)} after`,
  ];
}
