import type { Command } from 'commander';
import { addCommand } from '../command.ts';
import { describeDataset } from '../describe-dataset.ts';
import { outputKind } from '../parse.ts';
import { counted, moment, table, whole } from '../format.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { findDataset, findDatasetId } from '../find.ts';
import { describeDamaged } from '../describe-damaged.ts';

function addList(data: Command, perform: Perform): void {
  addCommand(
    data,
    'list',
    { summary: 'list the data sets, newest first', examples: ['unravel data', 'unravel data list --json'] },
    { isDefault: true },
  ).action((options: SharedOptions) =>
    perform(options, async ({ workspace, reporter }) => {
      const { listDatasetsAndDamaged } = await import('../../engine/data/store.ts');
      const listed = await listDatasetsAndDamaged(workspace);
      const datasets = listed.datasets.reverse();
      for (const info of datasets) {
        const { skipped, duplicates, id, ...rest } = info;
        reporter.event('dataset', {
          dataset: id,
          ...rest,
          skipped: skipped.length,
          duplicates: duplicates.length,
        });
      }
      for (const { id, reason } of listed.damaged) reporter.event('damaged', { dataset: id, reason });
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
      const { damaged } = listed;
      reporter.done(
        { datasets: datasets.length, damaged: damaged.length },
        ...(datasets.length ? lines : damaged.length ? [] : [none]),
        ...describeDamaged(damaged, 'unravel data remove'),
      );
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
    summary: 'remove a data set from the workspace, but not the files that it was made from',
    details: 'Name it by its whole id, or by its whole name if only one data set has that name.',
    examples: ['unravel data remove faces'],
  }).action((name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const id = await findDatasetId(session, name, { beginnings: false });
      const { listDatasets, removeDataset } = await import('../../engine/data/store.ts');
      const { refuseInUse } = await import('../../engine/runs/dataset-use.ts');
      const info = (await listDatasets(session.workspace)).find((dataset) => dataset.id === id);
      await refuseInUse(session.workspace, id);
      await removeDataset(session.workspace, id);
      const what = info ? `${info.name}, ${counted(info.images, 'image')}` : 'it was damaged';
      session.reporter.done({ dataset: id, images: info?.images ?? null }, `Removed ${id} (${what}).`);
    }),
  );
}

function addRename(data: Command, perform: Perform): void {
  addCommand(data, 'rename <dataset> <name>', {
    summary: 'give a data set another name, which no other data set has',
    examples: ['unravel data rename faces celeba'],
  }).action((named: string, name: string, options: SharedOptions) =>
    perform(options, async (session) => {
      const id = await findDatasetId(session, named);
      const { renameDataset } = await import('../../engine/data/dataset-names.ts');
      const info = await renameDataset(session.workspace, id, name);
      session.reporter.done({ dataset: id, name: info.name }, `${id} is called ${info.name} now.`);
    }),
  );
}

function addExport(data: Command, perform: Perform): void {
  addCommand(data, 'export <dataset>', {
    summary: 'write a data set into a zip: its images as PNG files, its labels as labels.csv',
    details: 'unravel import reads the zip again.',
    examples: ['unravel data export faces --out faces.zip'],
  })
    .requiredOption('--out <file>', 'the .zip to write')
    .action((named: string, { out, ...options }: SharedOptions & { readonly out: string }) =>
      perform(options, async (session) => {
        outputKind(out, ['.zip']);
        const { exportDataset } = await import('../../engine/data/export-dataset.ts');
        const { reporter, signal } = session;
        const dataset = await findDataset(session, named);
        try {
          await exportDataset(dataset, out, { signal, onProgress: reporter.progress('Writing', 'images') });
          const { id, images } = dataset.info;
          reporter.done({ dataset: id, images, out }, `Wrote ${counted(images, 'image')} to ${out}.`);
        } finally {
          await dataset.close();
        }
      }),
    );
}

/** `unravel data`: lists, shows, renames, exports and removes data sets. */
export function addDataCommands(program: Command, perform: Perform): void {
  const data = program
    .command('data')
    .summary('list, show, rename, export and remove data sets')
    .description('List, show, rename, export and remove data sets.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', '\nExamples:\n  $ unravel data\n  $ unravel data show faces');
  addList(data, perform);
  addShow(data, perform);
  addRename(data, perform);
  addExport(data, perform);
  addRemove(data, perform);
}
