import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App, BrowserWindow, Dialog, OpenDialogOptions, SaveDialogOptions, Shell } from 'electron';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativeDialogs } from '../../src/main/dialogs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unravel-dialogs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Dialogs in which a person chooses these paths, one after the other; undefined: they cancel. */
function dialogs(chosen: (string | undefined)[], window?: BrowserWindow) {
  const shown: (SaveDialogOptions | OpenDialogOptions)[] = [];
  const windows: unknown[] = [];
  const next = (args: unknown[]): string | undefined => {
    shown.push(args.at(-1) as SaveDialogOptions);
    windows.push(args.length > 1 ? args[0] : undefined);
    return chosen.shift();
  };
  const revealed: string[] = [];
  const dialog = {
    showSaveDialog: (...args: unknown[]) => {
      const filePath = next(args);
      return Promise.resolve({ canceled: filePath === undefined, filePath: filePath ?? '' });
    },
    showOpenDialog: (...args: unknown[]) => {
      const filePath = next(args);
      return Promise.resolve({ canceled: filePath === undefined, filePaths: filePath ? [filePath] : [] });
    },
  } as unknown as Dialog;
  const platform = nativeDialogs(
    {
      dialog,
      shell: { showItemInFolder: (path: string) => revealed.push(path) } as unknown as Shell,
      app: { getPath: () => folder } as unknown as App,
    },
    () => window,
  );
  return { platform, shown, windows, revealed };
}

describe('the dialog for a new file', () => {
  it.each([
    ['first z5.gif', 'GIF animation', 'gif'],
    ['sheet.png', 'PNG picture', 'png'],
    ['figure.svg', 'SVG drawing', 'svg'],
    ['figures-faces.pdf', 'PDF document', 'pdf'],
    ['run-1-metrics.csv', 'CSV table', 'csv'],
    ['codes.npy', 'NumPy array', 'npy'],
    ['codes.safetensors', 'Safetensors file', 'safetensors'],
    ['figures.zip', 'ZIP archive', 'zip'],
    ['recipe.json', 'JSON file', 'json'],
  ])('offers %s as a %s', async (name, kind, ending) => {
    const { platform, shown } = dialogs([join(folder, name)]);
    expect(await platform.chooseDestination(name)).toBe(join(folder, name));
    expect(shown[0]).toMatchObject({
      defaultPath: join(folder, name),
      filters: [{ name: kind, extensions: [ending] }],
    });
  });

  it('offers a file of another type without a filter, and keeps its name', async () => {
    const { platform, shown } = dialogs([join(folder, 'notes')]);
    expect(await platform.chooseDestination('notes.md')).toBe(join(folder, 'notes.md'));
    expect(shown[0]).not.toHaveProperty('filters');
  });

  it.each([
    ['smiles', 'smiles.csv'],
    ['smiles z5.2', 'smiles z5.2.csv'],
    ['smiles.CSV', 'smiles.CSV'],
    ['smiles.json', 'smiles.json'],
  ])('turns the name %s into %s', async (typed, kept) => {
    const { platform } = dialogs([join(folder, typed)]);
    expect(await platform.chooseDestination('metrics.csv')).toBe(join(folder, kept));
  });

  it('asks again where a file with the added extension exists, because the person did not agree to replace it', async () => {
    await writeFile(join(folder, 'taken.csv'), 'kept');
    const refused = dialogs([join(folder, 'taken'), undefined]);
    expect(await refused.platform.chooseDestination('metrics.csv')).toBeNull();
    expect(refused.shown[1]).toMatchObject({ defaultPath: join(folder, 'taken.csv') });
    const replaced = dialogs([join(folder, 'taken'), join(folder, 'taken.csv')]);
    expect(await replaced.platform.chooseDestination('metrics.csv')).toBe(join(folder, 'taken.csv'));
  });

  it('starts in the folder of the last saved file, and belongs to the window if there is one', async () => {
    const window = { id: 1 } as unknown as BrowserWindow;
    const elsewhere = join(folder, 'elsewhere');
    const { platform, shown, windows } = dialogs([join(elsewhere, 'a.gif'), undefined], window);
    await platform.chooseDestination('a.gif');
    expect(await platform.chooseDestination('b.gif')).toBeNull();
    expect(shown[1]).toMatchObject({ defaultPath: join(elsewhere, 'b.gif') });
    expect(windows).toEqual([window, window]);
  });

  it('returns null where the system returns an empty path', async () => {
    const { platform } = dialogs(['']);
    expect(await platform.chooseDestination('a.gif')).toBeNull();
  });
});

describe('the dialog for what to import', () => {
  it('belongs to the window where there is one', async () => {
    const window = { id: 1 } as unknown as BrowserWindow;
    const { platform, windows } = dialogs([folder], window);
    await platform.chooseSource('folder');
    expect(windows).toEqual([window]);
  });

  it('returns a folder, files or null', async () => {
    const { platform, shown } = dialogs([folder, join(folder, 'a.zip'), undefined]);
    expect(await platform.chooseSource('folder')).toEqual([folder]);
    expect(await platform.chooseSource('files')).toEqual([join(folder, 'a.zip')]);
    expect(await platform.chooseSource('files')).toBeNull();
    expect(shown.map((options) => (options as OpenDialogOptions).properties)).toEqual([
      ['openDirectory'],
      ['openFile', 'multiSelections'],
      ['openFile', 'multiSelections'],
    ]);
  });
});

it('shows a file in its folder', () => {
  const { platform, revealed } = dialogs([]);
  platform.reveal('/a/b.gif');
  expect(revealed).toEqual(['/a/b.gif']);
});
