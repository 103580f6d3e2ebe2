import { createCanvas, ImageData } from '@napi-rs/canvas';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { drawFace, faceFactors } from '../../src/engine/synthetic/faces.ts';
import { makeZip } from '../../src/engine/files/zip-writer.ts';
import { removeFolder } from '../../src/system/remove.ts';

const execute = promisify(execFile);

/** Size of the small disk, where this user may mount one. */
const DISK_MB = 400;
const PICTURES = 120;
const PICTURE_PX = 72;

/** Where a soak takes place: everything that the processes may touch, and things that they must not. */
export interface Stage {
  readonly folder: string;
  /** The workspace, on a small disk of its own where that is allowed. */
  readonly workspace: string;
  /** Set as HOME and TMPDIR of every process. */
  readonly home: string;
  readonly temporary: string;
  /** Folders and archives to import; they must come out unchanged. */
  readonly sources: readonly string[];
  /** True where the workspace has a disk of its own, which can be filled. */
  readonly hasOwnDisk: boolean;
  /** Digests of everything outside the workspace. */
  fingerprint(): Promise<Map<string, string>>;
  remove(): Promise<void>;
}

/** Makes the folders, draws pictures to import, and mounts a small disk where this user may. */
export async function prepareStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'unravel-soak-'));
  const [home, temporary, disk, outside] = ['home', 'temporary', 'disk', 'outside'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  for (const made of [home, temporary, disk, outside]) await mkdir(made);
  const hasOwnDisk = await mountSmallDisk(disk);
  const sources = await drawSources(outside);
  return {
    folder,
    workspace: join(disk, 'workspace'),
    home,
    temporary,
    sources,
    hasOwnDisk,
    fingerprint: () => fingerprint(outside),
    async remove() {
      if (hasOwnDisk) await execute('umount', ['-l', disk]);
      await removeFolder(folder);
    },
  };
}

async function mountSmallDisk(at: string): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', at]);
    return true;
  } catch {
    return false;
  }
}

/** A folder with sub-folders, labels, a broken picture and a link that leads out; the same as a zip; and a private folder. */
async function drawSources(outside: string): Promise<string[]> {
  const pictures = join(outside, 'pictures');
  const members: { name: string; bytes: Uint8Array }[] = [];
  const rows = ['file,age,=cmd'];
  for (let i = 0; i < PICTURES; i++) {
    const name = `${i % 2 === 0 ? 'even' : 'odd'}/face-${String(i).padStart(3, '0')}.png`;
    members.push({ name, bytes: png(drawFace(faceFactors(7, i), PICTURE_PX)) });
    rows.push(`${name},${20 + (i % 50)},${i % 3}`);
  }
  members.push({ name: 'odd/broken.png', bytes: members[1]!.bytes.subarray(0, 200) });
  members.push({ name: 'labels.csv', bytes: Buffer.from(`${rows.join('\n')}\n`) });
  for (const sub of ['even', 'odd']) await mkdir(join(pictures, sub), { recursive: true });
  for (const { name, bytes } of members) await writeFile(join(pictures, name), bytes);
  const secret = join(outside, 'private');
  await mkdir(secret);
  await writeFile(join(secret, 'secret.png'), members[0]!.bytes);
  await symlink(join(secret, 'secret.png'), join(pictures, 'even', 'link.png'));
  const archive = join(outside, 'pictures.zip');
  await writeFile(archive, await makeZip(members));
  return [pictures, archive];
}

function png(rgb: Uint8Array): Uint8Array {
  const rgba = new Uint8ClampedArray(PICTURE_PX * PICTURE_PX * 4).fill(255);
  for (let i = 0; i < PICTURE_PX * PICTURE_PX; i++) rgba.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  const canvas = createCanvas(PICTURE_PX, PICTURE_PX);
  canvas.getContext('2d').putImageData(new ImageData(rgba, PICTURE_PX, PICTURE_PX), 0, 0);
  return canvas.toBuffer('image/png');
}

async function fingerprint(folder: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isDirectory()) digests.set(name, 'folder');
    else if (entry.isSymbolicLink()) digests.set(name, `link to ${await readlink(path)}`);
    else
      digests.set(
        name,
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      );
  }
  return digests;
}
