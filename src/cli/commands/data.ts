import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeDataset } from '../describe-dataset.ts';
import { counted, moment, table, whole } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { findDataset } from '../find.ts';

function addList(data: Command, perform: Perform): void {
  addCommand(
    data,
    'list',
    { summary: 'list the data sets, newest first', examples: ['unravel data', 'unravel data list --json'] },
    { isDefault: true },
  ).action((options: SharedOptions) =>
    perform(options, async ({ workspace, reporter }) => {
      const { listDatasets } = await import('../../engine/data/store.ts');
      const datasets = (await listDatasets(workspace)).reverse();
      for (const info of datasets) {
        const { skipped, duplicates, id, ...rest } = info;
        reporter.event('dataset', {
          dataset: id,
          ...rest,
          skipped: skipped.length,
          duplicates: duplicates.length,
        });
      }
      const rows = datasets.map(({ id, name, images, channels, columns, created }) => [
        id,
        name,
        whole(images),
        channels === 1 ? 'grey' : 'colour',
        whole(columns.length),
        moment(created),
      ]);
      const lines = table(
        [
          { head: 'Data set' },
          { head: 'Name' },
          { head: 'Images', align: 'right' },
          { head: '' },
          { head: 'Labels', align: 'right' },
          { head: 'Made' },
        ],
        rows,
      );
      const none =
        'There are no data sets yet: unravel import <folder> or unravel sample-data faces makes one.';
      reporter.done({ datasets: datasets.length }, ...(datasets.length ? lines : [none]));
    }),
  );
}

function addShow(data: Command, perform: Perform): void {
  addCommand(data, 'show <dataset>', {
    summary: 'show a data set: its images, labels and skipped files',
    examples: ['unravel data show faces'],
  }).action((name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const dataset = await findDataset(session, name);
      await dataset.close();
      const { id, ...rest } = dataset.info;
      session.reporter.event('dataset', { dataset: id, ...rest });
      session.reporter.done({ dataset: id, images: rest.images }, ...describeDataset(dataset.info));
    }),
  );
}

function addRemove(data: Command, perform: Perform): void {
  addCommand(data, 'remove <dataset>', {
    summary: 'remove a data set from the workspace; the files it was made from stay',
    examples: ['unravel data remove faces'],
  }).action((name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const dataset = await findDataset(session, name);
      await dataset.close();
      const { removeDataset } = await import('../../engine/data/store.ts');
      const { refuseInUse } = await import('../../engine/runs/dataset-use.ts');
      const { id, images } = dataset.info;
      await refuseInUse(session.workspace, id);
      await removeDataset(session.workspace, id);
      session.reporter.done({ dataset: id, images }, `Removed ${id} (${counted(images, 'image')}).`);
    }),
  );
}

/** `unravel data`: lists, shows and removes data sets. */
export function addDataCommands(program: Command, perform: Perform): void {
  const data = program
    .command('data')
    .summary('list, show and remove data sets')
    .description('List, show and remove data sets.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExamples:\n  $ unravel data\n  $ unravel data show faces');
  addList(data, perform);
  addShow(data, perform);
  addRemove(data, perform);
}
