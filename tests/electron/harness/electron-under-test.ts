import { join, resolve } from 'node:path';
import { findElectron } from '../../../scripts/setup/electron.mjs';
import { findXvfb } from '../../../scripts/setup/test-tools.mjs';

/** The clone that these tests lie in. */
export const root = resolve(import.meta.dirname, '../../..');

/** What stands in for today's Electron runs its programs with. */
const STAND_IN_ENV = {
  UNRAVEL_TEST_NODE: process.execPath,
  UNRAVEL_TEST_CHILD: join(root, 'tests/electron/electron-9/main/utility-child.mjs'),
};

/** An Electron that tests can run on. */
export interface ElectronUnderTest {
  readonly executable: string;
  readonly dist: string;
  readonly version: string;
  /** Whether it needs the build with stand-ins. */
  readonly isOld: boolean;
  readonly env: NodeJS.ProcessEnv;
}

/** The Electron of this machine, or why there is none to test with. */
export function electronUnderTest(): ElectronUnderTest | { readonly reason: string } {
  const electron = findElectron(root);
  if (!electron) return { reason: 'no Electron was found: run npm test, which fetches one' };
  if (process.platform === 'linux' && !findXvfb()) return { reason: 'Xvfb was not found: install it' };
  return { ...electron, env: electron.isOld ? STAND_IN_ENV : {} };
}
