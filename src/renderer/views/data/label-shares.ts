/** One value of a label, how many images have it, and which of the palette's colours it gets. */
export interface Category {
  readonly name: string;
  readonly images: number;
  readonly slot: number | 'other';
}

/** The palette tells so many labels apart; the rest are *Other*. */
const COLOURS = 6;

/** Folders as values of one label, the largest first; those beyond the palette's colours become one. */
export function categoriesOf(
  folders: readonly { readonly name: string; readonly images: number }[],
): Category[] {
  const sorted = folders.toSorted((a, b) => b.images - a.images);
  const own = sorted.length > COLOURS ? COLOURS - 1 : COLOURS;
  const categories: Category[] = sorted.slice(0, own).map((folder, slot) => ({ ...folder, slot }));
  const others = sorted.slice(own);
  if (others.length > 0) {
    const images = others.reduce((sum, folder) => sum + folder.images, 0);
    categories.push({ name: `${others.length} others`, images, slot: 'other' });
  }
  return categories;
}
