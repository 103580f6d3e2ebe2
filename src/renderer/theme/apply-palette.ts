import type { Palette, ThemeName } from './tokens.ts';

/** `accentSoft` → `--accent-soft`. */
function propertyName(token: string): string {
  return `--${token.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Gives every colour of a theme to the style sheets, as custom properties of the page. */
export function applyPalette(root: HTMLElement, name: ThemeName, palette: Palette): void {
  root.dataset['theme'] = name;
  root.style.colorScheme = name;
  for (const [token, value] of Object.entries(palette)) {
    if (typeof value === 'string') root.style.setProperty(propertyName(token), value);
    else
      (value as readonly string[]).forEach((colour, i) =>
        root.style.setProperty(`${propertyName(token)}-${i}`, colour),
      );
  }
}
