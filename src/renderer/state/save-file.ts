import { download } from '../components/download.ts';
import type { AppState } from './app.svelte.ts';

/**
 * Keeps a small file: where the person says in Electron, among the downloads in a browser.
 *
 * @returns whether it was kept: a person may think better of it
 */
export async function saveFile(
  app: AppState,
  bytes: Uint8Array,
  name: string,
  type: string,
): Promise<boolean> {
  if (app.info.door === 'browser') {
    download(bytes, name, type);
    app.toasts.show({ kind: 'info', message: `Saved ${name} with your downloads.` });
    return true;
  }
  const chosen = await app.client.request('files.choose', { suggestedName: name });
  if (!chosen) return false;
  const { file, name: saved } = await app.client.request('files.write', {
    destination: chosen.destination,
    bytes,
  });
  app.toasts.show({
    kind: 'info',
    message: `Saved ${saved}.`,
    action: {
      label: 'Show in folder',
      run: () => app.attempt(() => app.client.request('files.reveal', { file })),
    },
  });
  return true;
}
