import type { ViewId } from '../views.ts';

/** The parts of the glossary, in their order. */
export const TERM_GROUPS = [
  { id: 'codes', title: 'Images and codes' },
  { id: 'objectives', title: 'Models and what they minimise' },
  { id: 'losses', title: 'Terms of the loss and their weights' },
  { id: 'training', title: 'Training' },
  { id: 'exploring', title: 'Exploring' },
  { id: 'measures', title: 'Measuring' },
] as const;
export type TermGroup = (typeof TERM_GROUPS)[number]['id'];

/** A place of the window that shows what a term means. */
export interface SeenIn {
  readonly view: ViewId;
  /** The part of the view, by its title. */
  readonly where: string;
}

/**
 * What a term explains, by the kind of registry and the key there. A test asks for a term for every entry of every
 * registry.
 */
export type ExplainedKey =
  `${'objective' | 'weight' | 'loss' | 'metric' | 'decoder' | 'architecture' | 'setting'}:${string}`;

/** One term of the field, as the glossary and the window's tooltips explain it. */
export interface GlossaryTerm {
  readonly id: string;
  readonly title: string;
  readonly group: TermGroup;
  /** Other names under which it is found. */
  readonly also?: readonly string[];
  /** What it is, in plain words. */
  readonly sentence: string;
  /** Its equation as plain text, as {@link equation} reads it. An objective's is its formula. */
  readonly equation?: string;
  readonly seen: readonly SeenIn[];
  readonly explains?: readonly ExplainedKey[];
}
