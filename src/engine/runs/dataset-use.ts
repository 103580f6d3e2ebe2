import { UnravelError } from '../../contract/errors.ts';
import type { Workspace } from '../basics/workspace.ts';
import { listRuns } from './store.ts';

/**
 * Refuses to remove a data set on which a run is being trained, with the run's name in the message. Other readers,
 * and trainings that begin later, are protected by the data set's lock.
 *
 * @param id - the data set's id
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
