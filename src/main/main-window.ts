import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import { PAGE_URL } from './pages.ts';
import { webPreferences } from './security.ts';
import { openingPlace, readPlace, savePlace, type Bounds, type OpeningPlace } from './window-place.ts';

/** The page's background in each theme (`app` in the renderer's tokens), shown until the page is drawn. */
export const BACKGROUND = { dark: '#141416', light: '#F4F4F5' } as const;

/** What the window depends on. */
export interface MainWindowOptions {
  readonly make: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  /** The screens' areas without task bars; that of the main screen first. */
  readonly screens: () => readonly Bounds[];
  readonly isDark: () => boolean;
  /** The file that stores the window's position and size. */
  readonly placeFile: string;
  readonly preload: string;
  readonly isDevelopment: boolean;
  /** Called when the page has crashed too often to be loaded again by itself; see {@link MainWindow.reload}. */
  readonly onBroken: () => void;
  /** A monotonic clock in milliseconds; replaced in tests. */
  readonly now?: () => number;
}

/** The window's place is saved when it has not moved for this long. */
const SAVE_DELAY_MS = 500;
/** A page that crashes more often than this within {@link CRASH_MEMORY_MS} is not loaded again by itself. */
const MOST_CRASHES = 3;
const CRASH_MEMORY_MS = 60_000;

/** Unravel's one window. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  /** The open window, if there is one. */
  get current(): BrowserWindow | undefined {
    return this.#window;
  }

  /** Called when the person closes the window; may prevent it. */
  onClose: (event: { preventDefault(): void }) => void = () => undefined;

  /** Brings the window to the front; opens it if there is none. */
  show(): void {
    if (!this.#window) {
      this.#open();
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  /** Loads the page again. */
  reload(): void {
    this.#window?.webContents.reload();
  }

  hide(): void {
    this.#window?.hide();
  }

  #open(): void {
    const { make, screens, isDark, placeFile, preload, isDevelopment } = this.#options;
    const place = openingPlace(readPlace(placeFile), screens());
    const window = make(windowOptions({ place, preload, isDark: isDark(), isDevelopment }));
    this.#window = window;
    window.once('ready-to-show', () => {
      if (place.isMaximized) window.maximize();
      window.show();
    });
    window.on('close', (event) => this.onClose(event));
    window.on('closed', () => (this.#window = undefined));
    // The window's title is always the application's name.
    window.on('page-title-updated', (event) => event.preventDefault());
    rememberPlace(window, placeFile);
    reloadAfterCrash(window, this.#options);
    void window.loadURL(PAGE_URL);
  }
}

/** The options of the window. */
export function windowOptions({
  place,
  preload,
  isDark,
  isDevelopment,
}: {
  readonly place: OpeningPlace;
  readonly preload: string;
  readonly isDark: boolean;
  readonly isDevelopment: boolean;
}): BrowserWindowConstructorOptions {
  const { isMaximized: _isMaximized, ...bounds } = place;
  return {
    ...bounds,
    title: 'Unravel',
    minWidth: 900,
    minHeight: 600,
    // The window is shown when its page is ready.
    show: false,
    backgroundColor: isDark ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: webPreferences(preload, isDevelopment),
  };
}

function rememberPlace(window: BrowserWindow, file: string): void {
  let timer: NodeJS.Timeout | undefined;
  const save = (): void => {
    clearTimeout(timer);
    if (window.isDestroyed() || window.isMinimized()) return;
    void savePlace(file, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() });
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_DELAY_MS);
  };
  window.on('resize', later);
  window.on('move', later);
  window.on('maximize', later);
  window.on('unmaximize', later);
  window.on('close', save);
  window.on('closed', () => clearTimeout(timer));
}

function reloadAfterCrash(
  window: BrowserWindow,
  { onBroken, now = () => performance.now() }: Pick<MainWindowOptions, 'onBroken' | 'now'>,
): void {
  let crashes: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const time = now();
    crashes = [...crashes.filter((crash) => time - crash < CRASH_MEMORY_MS), time];
    if (crashes.length <= MOST_CRASHES) window.webContents.reload();
    else onBroken();
  });
}
