import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { portPair, type Port } from '../../src/contract/port.ts';
import { socketPort } from '../../src/contract/socket-port.ts';
import type { Host } from '../../src/host/host.ts';
import { childPort } from '../../src/server/fork.ts';
import { startServer, type RunningServer } from '../../src/server/server.ts';
import { connectSocket } from '../server/connect-socket.ts';
import { conformanceCases } from './conformance.ts';
import { startConformanceHost } from './conformance-host.ts';

let folder: string;
let host: Host;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'unravel-conformance-'));
  host = await startConformanceHost(join(folder, 'workspace'));
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

function holdsOver(open: () => Promise<Port>, cases = conformanceCases): void {
  it.each(cases)('$name', (one) => one.run(open));
}

describe('a pair of ports in one process', () => {
  holdsOver(() => {
    const [client, server] = portPair();
    host.connect(server);
    return Promise.resolve(client);
  });
});

describe('a WebSocket', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ pages: folder, connect: (port) => host.connect(port) });
  });
  afterAll(() => server.close());

  holdsOver(
    () =>
      new Promise((done, fail) => {
        const socket = connectSocket(server.url);
        const port = socketPort(socket);
        socket.once('open', () => done(port));
        socket.once('error', fail);
      }),
  );
});

describe("a forked process's channel", () => {
  const program = (): string => join(folder, 'forked', 'forked-host.js');
  const children: ChildProcess[] = [];
  const LOCKS = 'fs-native-extensions';
  const locks = pathToFileURL(createRequire(import.meta.url).resolve(LOCKS)).href;
  beforeAll(async () => {
    await build({
      configFile: false,
      logLevel: 'error',
      publicDir: false,
      build: {
        ssr: resolve(import.meta.dirname, 'forked-host.ts'),
        outDir: join(folder, 'forked'),
        target: 'node20',
        rolldownOptions: {
          output: { format: 'es', entryFileNames: '[name].js', paths: { [LOCKS]: locks } },
        },
      },
      // An add-on is loaded from where its package lies.
      ssr: { noExternal: true, external: [LOCKS] },
    });
  });
  afterAll(() => children.forEach((child) => child.kill('SIGKILL')));

  holdsOver(
    () => {
      const child = fork(program(), [mkdtempSync(join(folder, 'forked-'))], {
        serialization: 'advanced',
        execArgv: [],
      });
      children.push(child);
      return Promise.resolve(childPort(child));
    },
    conformanceCases.filter(({ takesTwo }) => !takesTwo),
  );
});
