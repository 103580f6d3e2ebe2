import { UnravelError } from '../../contract/errors.ts';
import type { Workspace } from '../basics/workspace.ts';
import { listRuns } from './store.ts';

/**
 * Refuses to remove a data set that a run is trained on, naming the run. Whatever else reads it, and a training that
 * begins a moment later, is kept safe by the data set's lock.
 *
 * @param id - the data set's
 * @throws UnravelError `conflict`
 */
export async function refuseInUse(workspace: Workspace, id: string): Promise<void> {
  const using = (await listRuns(workspace)).find(
    ({ state, dataset }) => state === 'running' && dataset?.id === id,
  );
  if (!using) return;
  throw new UnravelError(
    'conflict',
    `The run ${using.name} (${using.id}) is being trained on this data set.`,
    {
      hint: 'Stop it first, or wait until it is done.',
    },
  );
}
