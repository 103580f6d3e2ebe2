import type { Command } from 'commander';
import { MOST_PAGE_BYTES, MOST_PAGE_POINTS } from '../../contract/page.ts';
import { addCommand } from '../command.ts';
import { withModel } from '../find.ts';
import { counted, whole } from '../format.ts';
import { outputKind } from '../parse.ts';
import { openRunDataset } from '../run-dataset.ts';
import type { Perform, SharedOptions } from '../session.ts';
import { UsageError } from '../usage-error.ts';

interface ExportPageOptions extends SharedOptions {
  readonly out: string;
  readonly data?: string;
  readonly images: boolean;
}

/** `unravel export-page`: writes a run as one HTML file that decodes by itself. */
export function addExportPageCommand(program: Command, perform: Perform): void {
  addCommand(program, 'export-page <run>', {
    summary: 'write a run as one HTML file that decodes by itself, to share it',
    details:
      'The page shows the codes of the images as points, and sliders that decode live, in any browser and without a network. ' +
      'Thumbnails of the images and their file names are inside the file, and so are their labels: whoever has the file can see ' +
      'them. With --no-images it holds points, labels and the decoder only. ' +
      `It has at most ${whole(MOST_PAGE_POINTS)} points, and fewer or smaller thumbnails where it would be larger than ${MOST_PAGE_BYTES / 1e6} MB.`,
    examples: [
      'unravel export-page first --out page.html',
      'unravel export-page first --no-images --out page.html',
    ],
  })
    .requiredOption('--out <file>', 'the .html file')
    .option('--data <dataset>', "the images whose codes are shown (default: the run's own)")
    .option('--no-images', 'leave out the images and their file names')
    .action((run: string, { out, data, images, ...shared }: ExportPageOptions) =>
      perform(shared, async (session) => {
        outputKind(out, ['.html', '.htm']);
        const { workspace, reporter, signal } = session;
        await withModel(session, run, async (model) => {
          const dataset = await openRunDataset(session, model, data);
          if (!dataset) {
            throw new UsageError(
              "A page needs a data set, and the run's own is not in this workspace.",
              'Name one with --data.',
            );
          }
          try {
            const { name } = dataset.info;
            reporter.remark(
              images
                ? `Images of ${name}, their names and labels will be inside the file; --no-images leaves images and names out.`
                : `Labels of ${name} will be inside the file, and no images.`,
            );
            const { exportPage } = await import('../../engine/page/export-page.ts');
            const { points, bytes, thumbnailPx } = await exportPage(workspace, model, dataset, out, {
              ...{ images, signal },
              onProgress: reporter.progress('Encoding', 'images'),
            });
            const total = dataset.info.images;
            const of = points < total ? ` of ${whole(total)}` : '';
            const shown =
              thumbnailPx === undefined ? 'without images' : `with images of ${thumbnailPx} × ${thumbnailPx}`;
            reporter.done(
              {
                ...{ run: model.info.id, dataset: dataset.info.id, out, points, images: total, bytes },
                thumbnailPx: thumbnailPx ?? null,
              },
              `Wrote ${counted(points, 'point')}${of} ${shown} to ${out} (${(bytes / 1e6).toFixed(1)} MB).`,
            );
          } finally {
            await dataset.close();
          }
        });
      }),
    );
}
