import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { errorPayload, inOneLine, UnravelError } from '../contract/errors.ts';
import type { App } from '../contract/operations/app.ts';
import {
  operations,
  type Input,
  type NamesBy,
  type OperationName,
  type Output,
} from '../contract/operations.ts';
import type { Asker, Emit, Handlers } from '../contract/serve.ts';
import type { Engine } from './engine.ts';
import { writeFileAtomic } from '../system/atomic.ts';
import type { Grants } from './grants.ts';
import type { Jobs } from './jobs.ts';
import type { Orders } from './orders.ts';
import type { Platform } from './platform.ts';
import type { RememberedWindow } from './remembered-window.ts';
import type { Removals } from './removals.ts';
import type { Uploads } from './uploads.ts';

/** What the handlers of the host's own operations use. */
export interface HostParts {
  readonly app: Pick<App, 'door' | 'version' | 'workspace'>;
  readonly platform: Platform | undefined;
  readonly engine: Engine;
  readonly jobs: Jobs;
  readonly grants: Grants;
  readonly uploads: Uploads;
  readonly orders: Orders;
  readonly remembered: RememberedWindow;
  /** Sends an event to every client. */
  readonly emit: Emit;
  /** The client: the owner of its grants and temporary files. */
  readonly client: object;
  /** Called when a client has received the description of the app. */
  readonly onDescribed: () => void;
}

/** The operations that the host answers itself. */
export function hostHandlers(parts: HostParts): Handlers<'host'> {
  const { platform, engine, jobs, grants, uploads, orders, remembered, emit, client } = parts;
  return {
    'app.describe': async (_input, asker) => {
      const app = await describeApp(parts, asker);
      parts.onDescribed();
      return app;
    },

    'app.recall': () => remembered.read(),
    'app.remember': async (what) => {
      await remembered.write(what);
      return {};
    },

    'models.import': async ({ source }, asker) => {
      const { paths } = await grants.source(source);
      const run = await engine.request('engine.import-model', { paths: [...paths] }, asker);
      if (run) {
        uploads.discard(source);
        emit('runs.changed', {});
      }
      return run;
    },

    'sources.inspect': async ({ source, ...rest }, asker) => {
      const { paths } = await grants.source(source);
      return engine.request('engine.inspect', { ...rest, paths: [...paths] }, asker);
    },
    'sources.codes': async ({ source, key }, asker) => {
      const { paths } = await grants.source(source);
      return engine.request('engine.codes', { paths: [...paths], ...(key !== undefined && { key }) }, asker);
    },
    'sources.check': async ({ source, ...rest }, asker) => {
      const { paths } = await grants.source(source);
      return engine.request('engine.check', { ...rest, paths: [...paths] }, asker);
    },
    'sources.choose': async ({ what }) => {
      const paths = await onDesktop(platform).chooseSource(what);
      return paths === null || paths.length === 0 ? null : grants.addSource(paths, client);
    },
    'sources.open': ({ path }) => {
      if (platform) throw onlyInBrowser('Drop the folder on the window, or choose it.');
      return grants.addSource([existing(path)], client);
    },
    'sources.upload': ({ name }) => {
      if (platform) throw onlyInBrowser('Drop the files on the window, or choose them.');
      return uploads.begin(name, client);
    },
    'sources.add': async ({ source, files }) => {
      await uploads.add(source, files);
      return {};
    },
    'sources.discard': ({ source }) => {
      uploads.discard(source);
      return {};
    },

    'jobs.list': () => jobs.list(),
    'jobs.start': async (request, asker) => {
      const title = await orders.title(request, asker);
      const order = await orders.order(request, client);
      try {
        return jobs.start(request, order, title);
      } catch (error) {
        orders.end(order, { isDone: false });
        throw error;
      }
    },
    'jobs.cancel': ({ job }) => jobs.cancel(job),
    'jobs.pause': ({ job }) => jobs.pause(job),
    'jobs.confirm': ({ job }) => jobs.confirm(job),
    'jobs.resume': ({ job }) => jobs.resume(job),
    'jobs.dismiss': ({ job }) => {
      jobs.dismiss(job);
      return {};
    },

    'files.choose': async ({ suggestedName }) => {
      const path = await onDesktop(platform).chooseDestination(suggestedName);
      if (path === null) return null;
      const name = basename(path);
      return { destination: grants.addFile({ path, name, isTemporary: false }), name };
    },
    'files.write': async ({ destination, bytes }) => {
      onDesktop(platform);
      const { path, name } = grants.file(destination);
      await writeFileAtomic(path, bytes);
      return { file: destination, name };
    },
    'files.read': ({ file }) => orders.read(file),
    'files.reveal': ({ file }) => {
      onDesktop(platform).reveal(grants.file(file).path);
      return {};
    },
  };
}

/** The event that tells the other clients of a change. */
const CHANGES: Partial<Record<OperationName, 'datasets.changed' | 'runs.changed'>> = {
  'datasets.rename': 'datasets.changed',
  'runs.rename': 'runs.changed',
};

/** The operations that the host passes on to the engine; it returns the answers unchanged. */
export function relayHandlers(engine: Engine, removals: Removals, emit: Emit): Handlers<'engine'> {
  const names = (Object.keys(operations) as OperationName[]).filter(isByEngine);
  const relayed = Object.fromEntries(
    names.map((name) => [name, relay(name)]),
  ) as unknown as Handlers<'engine'>;
  const told = async (change: 'datasets.changed' | 'runs.changed', work: Promise<void>): Promise<object> => {
    await work;
    emit(change, {});
    return {};
  };
  return {
    ...relayed,
    'datasets.remove': ({ dataset }, asker) =>
      told('datasets.changed', removals.remove('dataset', dataset, asker)),
    'datasets.restore': ({ dataset }, asker) =>
      told('datasets.changed', removals.restore('dataset', dataset, asker)),
    'runs.remove': ({ run }, asker) => told('runs.changed', removals.remove('run', run, asker)),
    'runs.restore': ({ run }, asker) => told('runs.changed', removals.restore('run', run, asker)),
  };

  function relay<N extends NamesBy<'engine'>>(
    name: N,
  ): (input: Input<N>, asker: Asker) => Promise<Output<N>> {
    return async (input, asker) => {
      const output = await engine.request(name, input, asker);
      const change = CHANGES[name];
      if (change) emit(change, {});
      return output;
    };
  }
}

function isByEngine(name: OperationName): name is NamesBy<'engine'> {
  return operations[name].by === 'engine';
}

/** Describes the app, also where the engine could not be started: its device is `none` then, with the reason. */
async function describeApp({ app, engine }: HostParts, asker: Asker): Promise<App> {
  const device = await engine.request('engine.describe', {}, asker).then(
    (answer) => answer.device,
    (error: unknown): App['device'] => ({
      kind: 'none',
      label: 'No engine',
      whyNotGpu: inOneLine(errorPayload(error)),
      multipliesBfloat16: null,
    }),
  );
  return { ...app, platform: process.platform, device };
}

function onDesktop(platform: Platform | undefined): Platform {
  if (platform) return platform;
  throw new UnravelError('unsupported', 'Only the desktop app can do this.');
}

function onlyInBrowser(hint: string): UnravelError {
  return new UnravelError('unsupported', 'Only a browser needs this.', { hint });
}

/** @throws UnravelError for a path that is not absolute, or not there */
function existing(path: string): string {
  const absolute = path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : path;
  if (!isAbsolute(absolute)) {
    throw new UnravelError('bad-input', `“${path}” is not an absolute path.`, {
      hint: 'Begin it with / (or a drive) or with ~.',
    });
  }
  if (!existsSync(absolute)) {
    throw new UnravelError('not-found', `There is no file or folder ${path} where Unravel runs.`, { path });
  }
  return resolve(absolute);
}
