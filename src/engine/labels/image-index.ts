import { endingIn, READ_PICTURES, UNREAD_PICTURES } from '../../contract/picture-files.ts';
import { splitRole } from '../../contract/split-role.ts';

const PICTURE_EXTENSION = endingIn([...READ_PICTURES, ...UNREAD_PICTURES, 'pbm']);

/** True for a name that ends like a picture's. */
export function hasPictureExtension(name: string): boolean {
  return PICTURE_EXTENSION.test(name);
}

/** How surely a text names an image. */
export const MatchGrade = {
  /** The last part is the same, and folders before it differ. */
  base: 1,
  /** All parts that both have are the same. */
  path: 2,
} as const;

/** The image that a text names, or the images that it might name. */
export type Match =
  | { readonly image: number; readonly grade: number; readonly hasExtension: boolean }
  | { readonly candidates: readonly number[] };

/**
 * Normalises a name: Unicode may be composed or decomposed (macOS), and folders may be separated by either slash.
 */
function normal(name: string): string {
  return name
    .replaceAll('\\', '/')
    .replace(/^(?:file:\/\/)?(?:\.?\/)+/, '')
    .replace(/\/{2,}/g, '/')
    .normalize('NFC');
}

/** The same for names that differ in case or in the kind of picture only. */
function canonical(name: string): string {
  return name.replace(PICTURE_EXTENSION, '').toLowerCase();
}

function partsOf(path: string): string[] {
  return path === '' ? [] : path.split('/');
}

/** Finds images by their names as tables write them. */
export class ImageIndex {
  readonly names: readonly string[];
  readonly #exact = new Map<string, number>();
  /** By the canonical last part of the path: an image, or several. */
  readonly #byBase = new Map<string, number | number[]>();
  /** Folders above the images' source, the nearest last. */
  readonly #above: readonly string[];

  /**
   * @param names - the images' paths inside their source
   * @param root - the source's own path; a table may name images with it
   */
  constructor(names: readonly string[], root = '') {
    this.names = names;
    this.#above = partsOf(canonicalFolder(root));
    names.forEach((name, image) => {
      const path = normal(name);
      if (!this.#exact.has(path)) this.#exact.set(path, image);
      const base = canonical(path.slice(path.lastIndexOf('/') + 1));
      const others = this.#byBase.get(base);
      if (others === undefined) this.#byBase.set(base, image);
      else if (typeof others === 'number') this.#byBase.set(base, [others, image]);
      else others.push(image);
    });
  }

  /**
   * The image that a text names: by its path, by the end of its path, or by its last part where only one image has it.
   *
   * @returns undefined if it names none
   */
  find(text: string): Match | undefined {
    const path = normal(text);
    if (path === '' || path.length > 4096) return undefined;
    const hasExtension = PICTURE_EXTENSION.test(path);
    const exact = this.#exact.get(path);
    const parts = partsOf(canonical(path));
    const base = parts.at(-1)!;
    const others = this.#byBase.get(base);
    if (others === undefined) return undefined;
    if (exact !== undefined) return { image: exact, grade: MatchGrade.path, hasExtension };
    const candidates = typeof others === 'number' ? [others] : others;
    let best: { image: number; same: number; grade: number }[] = [];
    for (const image of candidates) {
      const own = [...this.#above, ...partsOf(canonical(normal(this.names[image]!)))];
      let same = 1;
      while (same < parts.length && same < own.length && parts.at(-1 - same) === own.at(-1 - same)) same += 1;
      if (contradicts(parts.at(-1 - same), own.at(-1 - same))) continue;
      const inside = own.length - this.#above.length;
      const grade = same === parts.length || (same >= inside && same > 1) ? MatchGrade.path : MatchGrade.base;
      if (best.length === 0 || same > best[0]!.same) best = [{ image, same, grade }];
      else if (same === best[0]!.same) best.push({ image, same, grade });
    }
    if (best.length > 1) {
      // `1.jpg` may be one of two files that differ in case or extension.
      const last = normal(text).split('/').at(-1)!;
      const alike = best.filter(({ image }) => normal(this.names[image]!).split('/').at(-1) === last);
      if (alike.length === 1) best = alike;
    }
    if (best.length === 0) return undefined;
    if (best.length > 1) return { candidates: best.map(({ image }) => image) };
    return { image: best[0]!.image, grade: best[0]!.grade, hasExtension };
  }
}

/** True for folders of different parts of a split: `val/1.jpg` is not the image `train/1.jpg`. */
function contradicts(folder: string | undefined, own: string | undefined): boolean {
  if (folder === undefined || own === undefined) return false;
  const [a, b] = [splitRole(folder), splitRole(own)];
  return a !== undefined && b !== undefined && a !== b;
}

function canonicalFolder(root: string): string {
  return normal(root).toLowerCase();
}
