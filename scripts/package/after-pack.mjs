import { join } from 'node:path';
import { removeFile } from '../setup/remove.mjs';

/**
 * Takes out what an unpacked Electron brings and an app does not need: its own welcome page, and a file with its
 * version.
 *
 * @param {import('electron-builder').AfterPackContext} context
 */
export default async function afterPack({ appOutDir, packager }) {
  await removeFile(join(packager.getResourcesDir(appOutDir), 'default_app.asar'));
  await removeFile(join(appOutDir, 'version'));
}
