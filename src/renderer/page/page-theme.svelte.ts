import { applyPalette } from '../theme/apply-palette.ts';
import { paletteOf, type Palette, type ThemeName } from '../theme/tokens.ts';

/** The system's theme. A page keeps nothing in the browser, so there is no choice of its own. */
export class PageTheme {
  name = $state<ThemeName>('light');
  #hasMoreContrast = $state(false);
  readonly palette = $derived<Palette>(paletteOf(this.name, this.#hasMoreContrast));

  constructor() {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const contrast = matchMedia('(prefers-contrast: more)');
    const apply = (): void => {
      this.name = dark.matches ? 'dark' : 'light';
      this.#hasMoreContrast = contrast.matches;
      applyPalette(document.documentElement, this.name, this.palette);
    };
    dark.addEventListener('change', apply);
    contrast.addEventListener('change', apply);
    apply();
  }
}
