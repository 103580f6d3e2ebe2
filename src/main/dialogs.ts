import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type {
  App,
  BrowserWindow,
  Dialog,
  FileFilter,
  OpenDialogOptions,
  SaveDialogOptions,
  Shell,
} from 'electron';
import type { Platform } from '../host/platform.ts';

const SOURCES: FileFilter[] = [
  { name: 'Images and data sets', extensions: ['jpg', 'jpeg', 'png', 'webp', 'bmp', 'gif', 'zip', 'npz'] },
  { name: 'All files', extensions: ['*'] },
];

/** What the files are called that are written, by their ending. */
const EXPORTS: Readonly<Record<string, string>> = {
  gif: 'GIF animation',
  png: 'PNG picture',
  svg: 'SVG drawing',
  pdf: 'PDF document',
  csv: 'CSV table',
  npy: 'NumPy array',
  safetensors: 'Safetensors file',
  zip: 'ZIP archive',
  json: 'JSON file',
};

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
      const ending = extname(suggestedName).slice(1).toLowerCase();
      const kind = EXPORTS[ending];
      let defaultPath = join(saveFolder ?? app.getPath('pictures'), suggestedName);
      for (;;) {
        const options: SaveDialogOptions = {
          title: 'Export',
          defaultPath,
          ...(kind === undefined ? {} : { filters: [{ name: kind, extensions: [ending] }] }),
        };
        const window = currentWindow();
        const { canceled, filePath } = await (window
          ? dialog.showSaveDialog(window, options)
          : dialog.showSaveDialog(options));
        if (canceled || filePath === '') return null;
        const path = withEnding(filePath, ending);
        saveFolder = dirname(path);
        if (path === filePath || !existsSync(path)) return path;
        // Whether this one may be replaced the person was not asked: the dialog asks them now.
        defaultPath = path;
      }
    },
    reveal: (path) => shell.showItemInFolder(path),
  };
}

/** On Linux a dialog adds no ending where the person has left it out. */
function withEnding(path: string, ending: string): string {
  const own = extname(path).slice(1).toLowerCase();
  // Not every dot begins an ending: `smiles z5.2`.
  return ending === '' || own === ending || Object.hasOwn(EXPORTS, own) ? path : `${path}.${ending}`;
}
