/** Before the page's own scripts in Electron 9: the language's polyfills, and selectors that its engine lacks. */
import './polyfills.ts';

/** Selectors as they would have been written then. */
function oldSelector(selector: string): string {
  return selector
    .replace(/:not\(([^()]* [^()]*)\)/g, '')
    .replace(/:(where|is)\(/g, ':-webkit-any(')
    .replace(/:focus-visible/g, ':focus');
}

for (const { prototype } of [Element, Document, DocumentFragment]) {
  for (const name of ['matches', 'closest', 'querySelector', 'querySelectorAll'] as const) {
    const original: unknown = Reflect.get(prototype, name);
    if (typeof original !== 'function') continue;
    Reflect.set(prototype, name, function (this: unknown, selector: unknown) {
      return Reflect.apply(original as (selector: string) => unknown, this, [oldSelector(String(selector))]);
    });
  }
}
