import { UnravelError } from '../../contract/errors.ts';
import type { Job, JobRequest } from '../../contract/job.ts';
import { download } from '../components/download.ts';
import type { AppState } from './app.svelte.ts';

/** Keeps bytes as a browser does; another in tests. */
export type Download = (bytes: Uint8Array, name: string, type: string) => void;

/** A job that writes one file. */
export type FileRequest = Extract<JobRequest, { kind: 'export' | 'figures' | 'save' }>;

/**
 * Keeps a small file: where the person says in Electron, among the downloads in a browser.
 *
 * @returns whether it was kept: a person may think better of it
 */
export async function saveFile(
  app: AppState,
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  type: string,
): Promise<boolean> {
  if (app.info.door === 'browser') {
    download(bytes, name, type);
    sayDownloaded(app, name);
    return true;
  }
  const chosen = await app.client.request('files.choose', { suggestedName: name });
  if (!chosen) return false;
  const { destination } = chosen;
  const saved = await app.client.request('files.write', { destination, bytes });
  saySaved(app, saved.name, saved.file);
  return true;
}

/**
 * Has a job write a file, where the person says in Electron, among the downloads in a browser.
 *
 * @param onJob - hears how far it is
 * @returns whether there is a file
 * @throws UnravelError why there is none
 */
export async function saveMade(
  app: AppState,
  request: FileRequest,
  name: string,
  type: string,
  onJob: (job: Job) => void,
  keep: Download = download,
): Promise<boolean> {
  const { client } = app;
  if (app.info.door === 'browser') {
    const { file } = await make(app, request, onJob);
    if (!file) throw new UnravelError('internal', `${name} was written, but cannot be fetched.`);
    keep(await client.request('files.read', { file }), name, type);
    sayDownloaded(app, name);
    return true;
  }
  const chosen = await client.request('files.choose', { suggestedName: name });
  if (!chosen) return false;
  const { file, fileName } = await make(app, { ...request, destination: chosen.destination }, onJob);
  saySaved(app, fileName ?? chosen.name, file);
  return true;
}

async function make(
  { jobs }: AppState,
  request: FileRequest,
  onJob: (job: Job) => void,
): Promise<NonNullable<Job['result']>> {
  const done = await jobs.perform(request, onJob);
  // It has its own message; a finished card beside it would say the same.
  await jobs.dismiss(done.id);
  return done.result ?? {};
}

function sayDownloaded({ toasts }: AppState, name: string): void {
  toasts.show({ kind: 'info', message: `Saved ${name} with your downloads.` });
}

function saySaved(app: AppState, name: string, file: string | undefined): void {
  app.toasts.show({
    kind: 'info',
    message: `Saved ${name}.`,
    ...(file && {
      action: {
        label: 'Show in folder',
        run: () => app.attempt(() => app.client.request('files.reveal', { file })),
      },
    }),
  });
}
