import type { SkippedFile } from '../../contract/dataset.ts';
import { UnravelError } from '../../contract/errors.ts';
import type { ArrayArchive, StoredArray } from './archive.ts';
import { stackedArray, type RowsPart } from './made-array.ts';
import { openMatlab } from './matlab.ts';

const NAME = /^(car_.*)_mesh\.mat$/i;
const ARRAY = 'im';
const AZIMUTHS = 3;
const ELEVATIONS = 4;

/** True for a file of one car of Cars3D. */
export function isCars3dName(name: string): boolean {
  return NAME.test(name);
}

function isMesh({ type, shape, isReversed }: StoredArray, as: StoredArray | undefined): boolean {
  const isKind = type === 'uint8' && isReversed && shape.length === 5 && shape[2] === 3;
  return isKind && (as === undefined || as.shape.join() === shape.join());
}

/**
 * Opens the files of Cars3D (Reed et al. 2015), of one car each, [height, width, 3, azimuths, elevations], as one array
 * with its factors. Cars are in the order of their names.
 *
 * @throws UnravelError `bad-input` if there is none that can be read
 */
export async function openCars3d(
  folder: string,
  files: readonly { readonly name: string; readonly path: string }[],
): Promise<ArrayArchive> {
  const refused: SkippedFile[] = [];
  const cars: string[] = [];
  const parts: RowsPart[] = [];
  let first: StoredArray | undefined;
  for (const { name, path } of files) {
    let archive: ArrayArchive;
    try {
      archive = await openMatlab(path);
    } catch (error) {
      if (!(error instanceof UnravelError)) throw error;
      refused.push({ file: name, reason: 'it is no MATLAB file that can be read' });
      continue;
    }
    const array = archive.arrays.get(ARRAY);
    archive.close();
    if (!array || !isMesh(array, first)) {
      const why = archive.refused.find(({ file }) => file === ARRAY)?.reason;
      refused.push({
        file: name,
        reason:
          why === undefined
            ? 'its “im” is missing, or no array of views like the others’'
            : `its “im”: ${why}`,
      });
      continue;
    }
    first ??= array;
    cars.push(NAME.exec(name)![1]!);
    parts.push({
      count: array.shape[0]!,
      async *rows(from, to) {
        // Few systems let a process have hundreds of files open, so each is open while it is read.
        const opened = await openMatlab(path);
        try {
          const mesh = opened.arrays.get(ARRAY);
          if (!mesh || !isMesh(mesh, first)) throw changed(path);
          yield* mesh.rows(from, to);
        } finally {
          opened.close();
        }
      },
    });
  }
  if (!first) {
    throw new UnravelError('bad-input', `Could not read ${folder}: none of its files is one of Cars3D.`, {
      path: folder,
      hint: 'Each holds an array “im” of [128, 128, 3, 24, 4] bytes.',
    });
  }
  // Stored from the last axis to the first.
  const author = [...first.shape].reverse();
  const images = stackedArray(
    {
      type: 'uint8',
      row: first.shape.slice(1),
      isReversed: true,
      canSeek: true,
      grid: [
        { name: 'object', size: parts.length, categories: cars },
        { name: 'elevation', size: author[ELEVATIONS]! },
        { name: 'azimuth', size: author[AZIMUTHS]! },
      ],
    },
    parts,
  );
  return {
    path: folder,
    kind: 'Cars3D folder',
    arrays: new Map([['images', images]]),
    refused,
    notes: [
      `The files are Cars3D’s: ${parts.length} cars, each from ${author[ELEVATIONS]! * author[AZIMUTHS]!} sides.`,
    ],
    close: () => undefined,
  };
}

function changed(path: string): UnravelError {
  return new UnravelError('bad-input', `Could not read ${path}: it was changed meanwhile.`, {
    path,
    hint: 'Import it again.',
  });
}
