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
import { READ_PICTURES } from '../contract/picture-files.ts';
import type { Platform } from '../host/platform.ts';

const SOURCES: FileFilter[] = [
  {
    name: 'Images and data sets',
    extensions: [...READ_PICTURES, 'zip', 'tar', 'tgz', 'gz', 'npz', 'npy', 'h5', 'hdf5', 'mat'],
  },
  { name: 'Models', extensions: ['safetensors', 'pt', 'pth', 'ckpt', 'bin'] },
  { name: 'All files', extensions: ['*'] },
];

/** The names of exported file types, by extension. */
const EXPORTS: Readonly<Record<string, string>> = {
  gif: 'GIF animation',
  png: 'PNG picture',
  svg: 'SVG drawing',
  pdf: 'PDF document',
  csv: 'CSV table',
  npy: 'NumPy array',
  safetensors: 'Safetensors file',
  zip: 'ZIP archive',
  html: 'Web page',
  json: 'JSON file',
};

/**
 * The system's dialogs.
 *
 * @param currentWindow - the window that the dialogs belong to
 */
export function nativeDialogs(
  { dialog, shell, app }: { readonly dialog: Dialog; readonly shell: Shell; readonly app: App },
  currentWindow: () => BrowserWindow | undefined,
): Platform {
  // The folder of the last saved file. For opened files the system remembers it.
  let saveFolder: string | undefined;
  return {
    async chooseSource(what) {
      const options: OpenDialogOptions =
        what === 'folder'
          ? { title: 'Choose a folder of images', properties: ['openDirectory'] }
          : {
              title: 'Choose images, an archive or arrays',
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
      const extension = extname(suggestedName).slice(1).toLowerCase();
      const kind = EXPORTS[extension];
      let defaultPath = join(saveFolder ?? app.getPath('pictures'), suggestedName);
      for (;;) {
        const options: SaveDialogOptions = {
          title: 'Export',
          defaultPath,
          ...(kind === undefined ? {} : { filters: [{ name: kind, extensions: [extension] }] }),
        };
        const window = currentWindow();
        const { canceled, filePath } = await (window
          ? dialog.showSaveDialog(window, options)
          : dialog.showSaveDialog(options));
        if (canceled || filePath === '') return null;
        const path = withExtension(filePath, extension);
        saveFolder = dirname(path);
        if (path === filePath || !existsSync(path)) return path;
        // With its extension the name is that of an existing file. The dialog asks whether to replace it.
        defaultPath = path;
      }
    },
    reveal: (path) => shell.showItemInFolder(path),
  };
}

/** Adds the extension where the person has left it out, because Linux dialogs do not add it. */
function withExtension(path: string, extension: string): string {
  const own = extname(path).slice(1).toLowerCase();
  // Not every dot begins an extension, as in `smiles z5.2`.
  return extension === '' || own === extension || Object.hasOwn(EXPORTS, own) ? path : `${path}.${extension}`;
}
