import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Takes out what an unpacked Electron brings and an app does not need: its own welcome page, and a file with its
 * version.
 *
 * @param {import('electron-builder').AfterPackContext} context
 */
export default async function afterPack({ appOutDir, packager }) {
  await rm(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
  await rm(join(appOutDir, 'version'), { force: true });
}
