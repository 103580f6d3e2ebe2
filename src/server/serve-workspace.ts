import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { Host } from '../host/host.ts';
import type { ProcessKind } from '../host/process.ts';
import { forkProcesses } from './fork.ts';
import { startServer } from './server.ts';

/** What `unravel serve` serves. */
export interface ServeOptions {
  readonly workspace: string;
  readonly version: string;
  /** The built renderer. */
  readonly pages: string;
  /** The built programs of the engine and of jobs. */
  readonly entries: Readonly<Record<ProcessKind, string>>;
  readonly hostName?: string;
  readonly port?: number;
  /** What clients come in with; a new one if left out. */
  readonly token?: string;
  /** Hears of trouble that nobody has asked about. */
  readonly onTrouble: (error: unknown) => void;
  /** Hears that a client has come in. */
  readonly onClient?: () => void;
}

/** A workspace that is served. */
export interface ServedWorkspace {
  readonly url: string;
  readonly port: number;
  /** Starts the engine's process anew, such as from a newer build. */
  restartEngine(): void;
  /** Ends in order: jobs keep what they have. */
  close(): Promise<void>;
}

/**
 * Serves a workspace to browsers: the same window as the app's.
 *
 * @throws UnravelError where it cannot listen, or the window has not been built
 */
export async function serveWorkspace(options: ServeOptions): Promise<ServedWorkspace> {
  const { workspace, version, pages, entries, onTrouble, onClient, hostName, port, token } = options;
  if (!existsSync(join(pages, 'index.html'))) {
    throw new UnravelError(
      'not-found',
      `The window has not been built: there is no ${join(pages, 'index.html')}.`,
      {
        hint: 'Run npm run build.',
      },
    );
  }
  const host = await Host.start({
    startProcess: forkProcesses(entries),
    workspace,
    door: 'browser',
    version,
    onTrouble,
  });
  try {
    const server = await startServer({
      pages,
      connect: (client) => {
        host.connect(client);
        onClient?.();
      },
      ...(hostName === undefined ? {} : { hostName }),
      ...(port === undefined ? {} : { port }),
      ...(token === undefined ? {} : { token }),
    });
    return {
      url: server.url,
      port: server.port,
      restartEngine: () => host.restartEngine(),
      close: async () => {
        await host.close();
        await server.close();
      },
    };
  } catch (error) {
    await host.close();
    throw error;
  }
}
