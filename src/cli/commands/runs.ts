import type { Command } from 'commander';
import { isVariational, withDatasetName } from '../../contract/run.ts';
import { addCommand } from '../command.ts';
import { describeData, describeObjective, describeRun, describeState } from '../describe-run.ts';
import { describeDamaged } from '../describe-damaged.ts';
import { findRun, findRunId } from '../find.ts';
import { measured, moment, table, whole } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';

function addList(runs: Command, perform: Perform): void {
  addCommand(
    runs,
    'list',
    { summary: 'list the runs, newest first', examples: ['unravel runs', 'unravel runs list --json'] },
    { isDefault: true },
  ).action((options: SharedOptions) =>
    perform(options, async ({ workspace, reporter }) => {
      const { listRunsAndDamaged } = await import('../../engine/runs/store.ts');
      const { listDatasets } = await import('../../engine/data/store.ts');
      const { runs, damaged } = await listRunsAndDamaged(workspace);
      const datasets = await listDatasets(workspace);
      const all = runs.map((run) => withDatasetName(run, datasets));
      for (const { id, ...rest } of all) reporter.event('run', { run: id, ...rest });
      for (const { id, reason } of damaged) reporter.event('damaged', { run: id, reason });
      const rows = all.map((info) => [
        info.id,
        info.name,
        info.hasCodesOnly ? 'codes only' : describeObjective(info.config.objective),
        describeData(info),
        describeState(info),
        info.state === 'imported' ? '–' : `${whole(info.epoch)}/${whole(info.config.epochs)}`,
        measured(info.heldOut?.reconstruction),
        isVariational(info.config.objective) ? measured(info.heldOut?.kl) : '–',
        moment(info.created),
      ]);
      const lines = table(
        [
          { head: 'Run' },
          { head: 'Name' },
          { head: 'Model' },
          { head: 'Data' },
          { head: 'State' },
          { head: 'Epochs', align: 'right' },
          { head: 'Error', align: 'right' },
          { head: 'KL', align: 'right' },
          { head: 'Made' },
        ],
        rows,
      );
      const none = 'There are no runs yet: unravel train <data set> makes one.';
      reporter.done(
        { runs: all.length, damaged: damaged.length },
        ...(all.length ? lines : damaged.length ? [] : [none]),
        ...describeDamaged(damaged, 'unravel runs remove'),
      );
    }),
  );
}

function addShow(runs: Command, perform: Perform): void {
  addCommand(runs, 'show <run>', {
    summary: 'show a run: its settings, its state and its held-out numbers',
    examples: ['unravel runs show vae-on-celeba-3f2a'],
  }).action((name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const { info, folder } = await findRun(session, name);
      const { id, ...rest } = info;
      session.reporter.event('run', { run: id, ...rest, folder });
      session.reporter.done(
        { run: id, epochs: info.epoch, heldOut: info.heldOut ?? null },
        ...describeRun(info, folder),
      );
    }),
  );
}

function addRemove(runs: Command, perform: Perform): void {
  addCommand(runs, 'remove <run>', {
    summary: 'remove a run and all its files',
    details: 'Name it by its whole id, or by its whole name if only one run has that name.',
    examples: ['unravel runs remove vae-on-celeba-3f2a'],
  }).action((name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const id = await findRunId(session, name, { beginnings: false });
      const { listRuns, removeRun } = await import('../../engine/runs/store.ts');
      const info = (await listRuns(session.workspace)).find((run) => run.id === id);
      await removeRun(session.workspace, id);
      session.reporter.done({ run: id }, `Removed ${id} (${info ? info.name : 'it was damaged'}).`);
    }),
  );
}

function addRename(runs: Command, perform: Perform): void {
  addCommand(runs, 'rename <run> <name>', {
    summary: 'give a run another name',
    examples: ['unravel runs rename vae-on-celeba-3f2a first'],
  }).action((named: string, name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const id = await findRunId(session, named);
      const { renameRun } = await import('../../engine/runs/rename-run.ts');
      const info = await renameRun(session.workspace, id, name);
      session.reporter.done({ run: id, name: info.name }, `${id} is called ${info.name} now.`);
    }),
  );
}

/** `unravel runs`: lists, shows, renames and removes runs. */
export function addRunsCommands(program: Command, perform: Perform): void {
  const runs = program
    .command('runs')
    .summary('list, show, rename and remove runs')
    .description('List, show, rename and remove runs.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExamples:\n  $ unravel runs\n  $ unravel runs show vae-on-celeba-3f2a');
  addList(runs, perform);
  addShow(runs, perform);
  addRename(runs, perform);
  addRemove(runs, perform);
}
