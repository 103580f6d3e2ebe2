import type { Workspace } from '../engine/basics/workspace.ts';
import type { Reporter } from './output.ts';

/** What every command's work uses. */
export interface Session {
  readonly workspace: Workspace;
  readonly reporter: Reporter;
  /** Aborted at the first Ctrl-C; its reason is an UnravelError `cancelled`. */
  readonly signal: AbortSignal;
}

/** The options that every command has. */
export interface SharedOptions {
  readonly workspace?: string;
  readonly json?: true;
}

/** Runs a command's work in a session made from its options. */
export type Perform = (options: SharedOptions, work: (session: Session) => Promise<void>) => Promise<void>;
