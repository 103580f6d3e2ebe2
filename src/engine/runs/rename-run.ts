import { UnravelError } from '../../contract/errors.ts';
import type { RunInfo } from '../../contract/run.ts';
import { shownText } from '../../contract/shown-text.ts';
import type { Workspace } from '../basics/workspace.ts';
import { lockRun, withoutProcess } from './lock.ts';
import { openRun, saveRunInfo } from './store.ts';

/**
 * Renames a run. Several runs may have the same name.
 *
 * @throws UnravelError `conflict` while it is being trained; `bad-input` for an empty name; `not-found`
 */
export async function renameRun(workspace: Workspace, id: string, wanted: string): Promise<RunInfo> {
  const name = shownText(wanted.trim());
  if (name === '') throw new UnravelError('bad-input', 'A run needs a name.');
  const { folder, info: found } = await openRun(workspace, id);
  const lock = await lockRun(folder, found.name, 'Rename it when it is done.');
  try {
    const renamed: RunInfo = { ...withoutProcess((await openRun(workspace, id)).info), name };
    await saveRunInfo(workspace, renamed);
    return renamed;
  } finally {
    lock.release();
  }
}
