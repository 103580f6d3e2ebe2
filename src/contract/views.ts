import * as v from 'valibot';

/** A view of the window, as it appears in menu, tabs and keyboard shortcuts. */
interface ViewDeclaration {
  readonly id: string;
  readonly title: string;
  /** The key that shows it: alone in the window, with Ctrl or ⌘ in the menu. */
  readonly key: string;
}

/**
 * The window's views, in the order of their tabs. The menu, its event, the tabs and the keyboard shortcuts
 * derive from this list. The renderer's records of icons and components need an entry for each view.
 */
export const VIEWS = [
  { id: 'data', title: 'Data', key: '1' },
  { id: 'train', title: 'Train', key: '2' },
  { id: 'explore', title: 'Explore', key: '3' },
  { id: 'compare', title: 'Compare', key: '4' },
  { id: 'measure', title: 'Measure', key: '5' },
] as const satisfies readonly ViewDeclaration[];

export type ViewId = (typeof VIEWS)[number]['id'];

export const ViewIdSchema = v.picklist(VIEWS.map(({ id }) => id));
