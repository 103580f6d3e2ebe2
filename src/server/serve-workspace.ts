import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnravelError } from '../contract/errors.ts';
import { Host } from '../host/host.ts';
import type { ProcessKind } from '../host/process.ts';
import { forkProcesses } from './fork.ts';
import { startServer } from './server.ts';

/** The options of `unravel serve`. */
export interface ServeOptions {
  readonly workspace: string;
  readonly version: string;
  /** The built renderer. */
  readonly pages: string;
  /** The built programs of the engine and of jobs. */
  readonly entries: Readonly<Record<ProcessKind, string>>;
  readonly hostName?: string;
  readonly port?: number;
  /** The token that clients must have; a new one if left out. */
  readonly token?: string;
  /** How long removed data sets and runs can be restored; a minute if left out. */
  readonly undoMs?: number;
  /** Called with errors that belong to no request. */
  readonly onTrouble: (error: unknown) => void;
  /** Called when a client has connected. */
  readonly onClient?: () => void;
}

/** A workspace that is being served. */
export interface ServedWorkspace {
  readonly url: string;
  readonly port: number;
  /** Replaces the engine's process, for example by one of a newer build. */
  restartEngine(): void;
  /** Stops the jobs, which save their work, and the server. */
  close(): Promise<void>;
}

/**
 * Serves a workspace to browsers, with the same window as the app.
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
    ...(options.undoMs === undefined ? {} : { undoMs: options.undoMs }),
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
