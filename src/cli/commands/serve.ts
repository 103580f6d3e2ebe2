import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { builtEntry } from '../../engine/basics/entry.ts';
import { VERSION } from '../../engine/basics/version.ts';
import { addCommand } from '../command.ts';
import { openInBrowser } from '../open-in-browser.ts';
import { wholeNumber } from '../parse.ts';
import type { Perform, SharedOptions } from '../session.ts';

interface ServeOptions extends SharedOptions {
  readonly port?: number;
  readonly host?: string;
  readonly open?: true;
}

/** `unravel serve`: serves the window to browsers, on this machine or another. */
export function addServeCommand(program: Command, perform: Perform): void {
  addCommand(program, 'serve', {
    summary: 'show the window in a browser',
    details:
      'The address that it prints contains a token. Nobody can connect without it, and anybody who knows it can. Other machines ' +
      'reach it through ssh -L, or with --host, where anybody on the network may read what is sent. Ctrl-C ends it: ' +
      'trainings write a checkpoint and continue at the next start.',
    examples: ['unravel serve --open', 'unravel serve --port 8642 --workspace ~/faces'],
  })
    .option(
      '--port <number>',
      'the port to listen on (default: any free port)',
      wholeNumber({ min: 0, max: 65_535 }),
    )
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1, this machine only)')
    .option('--open', "open the address in the system's browser")
    .action((options: ServeOptions) =>
      perform(options, async ({ workspace, reporter, signal }) => {
        const { serveWorkspace } = await import('../../server/serve-workspace.ts');
        let removeAddressFile = (): void => undefined;
        const built = dirname(builtEntry('engine'));
        const served = await serveWorkspace({
          workspace: workspace.root,
          version: VERSION,
          pages: join(built, '..', 'renderer'),
          entries: { engine: join(built, 'engine.js'), job: join(built, 'job.js') },
          onTrouble: (error) => reporter.remark(error instanceof Error ? error.message : String(error)),
          onClient: () => removeAddressFile(),
          ...(options.port === undefined ? {} : { port: options.port }),
          ...(options.host === undefined ? {} : { hostName: options.host }),
        });
        const { url, port } = served;
        reporter.say(`Unravel is open at ${url}`);
        reporter.event('serving', { url, port, workspace: workspace.root });
        if (options.open)
          removeAddressFile = openInBrowser(url, () =>
            reporter.remark('No browser could be opened. Open the address yourself.'),
          );
        await aborted(signal);
        removeAddressFile();
        await served.close();
        reporter.done({ port }, 'Ended.');
      }),
    );
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
