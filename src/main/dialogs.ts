import { dirname, join } from 'node:path';
import type { App, BrowserWindow, Dialog, FileFilter, OpenDialogOptions, Shell } from 'electron';
import type { Platform } from '../host/platform.ts';

const SOURCES: FileFilter[] = [
  { name: 'Images and data sets', extensions: ['jpg', 'jpeg', 'png', 'webp', 'bmp', 'gif', 'zip', 'npz'] },
  { name: 'All files', extensions: ['*'] },
];

/**
 * The system's dialogs.
 *
 * @param currentWindow - what they belong to
 */
export function nativeDialogs(
  { dialog, shell, app }: { readonly dialog: Dialog; readonly shell: Shell; readonly app: App },
  currentWindow: () => BrowserWindow | undefined,
): Platform {
  // Where the last file was saved; the system remembers where the last one was opened.
  let saveFolder: string | undefined;
  return {
    async chooseSource(what) {
      const options: OpenDialogOptions =
        what === 'folder'
          ? { title: 'Choose a folder of images', properties: ['openDirectory'] }
          : {
              title: 'Choose images, a zip or an NPZ',
              properties: ['openFile', 'multiSelections'],
              filters: SOURCES,
            };
      const window = currentWindow();
      const { canceled, filePaths } = await (window
        ? dialog.showOpenDialog(window, options)
        : dialog.showOpenDialog(options));
      return canceled ? null : filePaths;
    },
    async chooseDestination(suggestedName) {
      const options = {
        title: 'Export',
        defaultPath: join(saveFolder ?? app.getPath('pictures'), suggestedName),
        filters: [{ name: 'GIF', extensions: ['gif'] }],
      };
      const window = currentWindow();
      const { canceled, filePath } = await (window
        ? dialog.showSaveDialog(window, options)
        : dialog.showSaveDialog(options));
      if (canceled || filePath === '') return null;
      saveFolder = dirname(filePath);
      return filePath;
    },
    reveal: (path) => shell.showItemInFolder(path),
  };
}
