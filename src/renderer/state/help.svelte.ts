import type { TermId } from '../../contract/glossary/glossary.ts';

/** The sheets of the Help menu. */
export type HelpSheet = 'glossary' | 'keys';

/** What is open of the help. */
export class Help {
  sheet = $state<HelpSheet | undefined>();
  /** The term at which the glossary opens; undefined opens it at its beginning. */
  term = $state<TermId | undefined>();

  openGlossary(term?: TermId): void {
    this.term = term;
    this.sheet = 'glossary';
  }
}
