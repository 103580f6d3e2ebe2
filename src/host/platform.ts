/** What only a desktop can do for a client; a browser does these things itself. */
export interface Platform {
  /** The system's dialog for what to import; null where the person cancelled it. */
  chooseSource(what: 'folder' | 'files'): Promise<readonly string[] | null>;
  /** The system's dialog for a new file; null where the person cancelled it. */
  chooseDestination(suggestedName: string): Promise<string | null>;
  /** Shows a file in the system's file manager. */
  reveal(path: string): void;
}
