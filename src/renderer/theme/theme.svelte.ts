import { applyPalette } from './apply-palette.ts';
import { paletteOf, type Palette, type ThemeName } from './tokens.ts';

/** What a person may choose. */
export type ThemeChoice = 'system' | ThemeName;

const STORED = 'unravel.theme';
const STORED_SMOOTH = 'unravel.smooth';

function storedChoice(): ThemeChoice {
  const value = localStorage.getItem(STORED);
  return value === 'dark' || value === 'light' ? value : 'system';
}

/** The theme in force: the system's, unless a person chose another. */
export class Theme {
  #choice = $state<ThemeChoice>(storedChoice());
  #system = $state<ThemeName>('dark');
  #isSmooth = $state(localStorage.getItem(STORED_SMOOTH) === 'yes');
  #projector = $state<ThemeName | undefined>();
  readonly name = $derived<ThemeName>(
    this.#projector ?? (this.#choice === 'system' ? this.#system : this.#choice),
  );
  /** Whether the system asks for more contrast. */
  #hasMoreContrast = $state(false);
  readonly palette = $derived<Palette>(
    paletteOf(this.name, this.#hasMoreContrast || this.#projector !== undefined),
  );

  constructor(
    query: MediaQueryList = matchMedia('(prefers-color-scheme: dark)'),
    contrast: MediaQueryList = matchMedia('(prefers-contrast: more)'),
  ) {
    this.#hasMoreContrast = contrast.matches;
    contrast.addEventListener('change', ({ matches }) => {
      this.#hasMoreContrast = matches;
      this.#apply();
    });
    this.#system = query.matches ? 'dark' : 'light';
    query.addEventListener('change', ({ matches }) => {
      this.#system = matches ? 'dark' : 'light';
      this.#apply();
    });
    this.#apply();
  }

  get choice(): ThemeChoice {
    return this.#choice;
  }

  choose(choice: ThemeChoice): void {
    this.#choice = choice;
    localStorage.setItem(STORED, choice);
    this.#apply();
  }

  /** The theme of a presentation, in the place of the chosen one and with more contrast; undefined while there is none. */
  get projector(): ThemeName | undefined {
    return this.#projector;
  }

  set projector(name: ThemeName | undefined) {
    this.#projector = name;
    this.#apply();
  }

  /** Whether faces are drawn smooth; by default they are shown as they are, pixel by pixel. */
  get isSmooth(): boolean {
    return this.#isSmooth;
  }

  set isSmooth(isSmooth: boolean) {
    this.#isSmooth = isSmooth;
    localStorage.setItem(STORED_SMOOTH, isSmooth ? 'yes' : 'no');
  }

  /** At once rather than in an effect: what is drawn next has the new colours already. */
  #apply(): void {
    applyPalette(document.documentElement, this.name, this.palette);
  }
}
