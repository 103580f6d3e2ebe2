import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { counted } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';

/** `unravel starters`: puts the models of the first launch into the workspace. */
export function addStartersCommand(program: Command, perform: Perform): void {
  addCommand(program, 'starters', {
    summary: 'put the models of the first launch, and their faces, into the workspace',
    details:
      'The paper’s four models and a sharper one, trained on sample faces, with their curves, codes and measures. The ' +
      'window puts them into an empty workspace by itself. What is there already is left as it is.',
    examples: ['unravel starters', 'unravel starters && unravel evaluate Starter'],
  }).action((options: SharedOptions) =>
    perform(options, async ({ workspace, reporter }) => {
      const { placeStarters } = await import('../../engine/serving/starters.ts');
      const { dataset, runs, placed } = await placeStarters(workspace);
      for (const { id, name } of runs) reporter.event('run', { run: id, name, isNew: placed.includes(id) });
      const others = runs.length - placed.length;
      reporter.done(
        { dataset: dataset.id, runs: runs.map(({ id }) => id), placed },
        ...runs.map(
          ({ id, name }) => `${name} (${id})${placed.includes(id) ? '' : ', which was there already'}`,
        ),
        `Put ${counted(placed.length, 'run')} beside the data set ${dataset.name}${others > 0 ? `; ${others} of ${runs.length} were there already` : ''}.`,
      );
    }),
  );
}
