import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnravelError } from '../../contract/errors.ts';
import { tensor, type Tensor } from '../../contract/tensor.ts';

/** Number of multiplications between two turns of the event loop: some milliseconds. */
const WORK_PER_TURN = 4_000_000;

/**
 * The codes of a data set that are nearest to given codes, by Euclidean distance.
 *
 * @param codes - codes of the data set, `[images, latentDim]`
 * @param wanted - `[n, latentDim]`
 * @param count - number of neighbours of each
 * @returns indices of images, nearest first, and the lower index first for equal distances; `[n, min(count,
 * images)]`
 * @throws UnravelError `bad-input` for codes of another latent space
 */
export async function nearestCodes(
  codes: Float32Array,
  latentDim: number,
  wanted: Tensor<'f32'>,
  count: number,
): Promise<Tensor<'i32'>> {
  const [n = 0, width = 0] = wanted.shape;
  if (width !== latentDim) {
    throw new UnravelError('bad-input', `The model has ${latentDim} dimensions, not ${width}.`, {
      hint: 'Give every code as many numbers as the model has dimensions.',
    });
  }
  const images = codes.length / latentDim;
  const most = Math.min(count, images);
  const found = new Int32Array(n * most);
  const distances = new Float64Array(most);
  let work = 0;
  for (let row = 0; row < n; row++) {
    const z = wanted.data.subarray(row * latentDim, (row + 1) * latentDim);
    const nearest = found.subarray(row * most, (row + 1) * most);
    let known = 0;
    for (let image = 0; image < images; image++) {
      let distance = 0;
      for (let l = 0; l < latentDim; l++) distance += (codes[image * latentDim + l]! - z[l]!) ** 2;
      if (known === most && !(distance < distances[most - 1]!)) continue;
      // Insertion sort, because few neighbours are kept, and few of many images are inserted.
      let place = known < most ? known++ : most - 1;
      while (place > 0 && distances[place - 1]! > distance) {
        distances[place] = distances[place - 1]!;
        nearest[place] = nearest[place - 1]!;
        place -= 1;
      }
      distances[place] = distance;
      nearest[place] = image;
    }
    work += images * latentDim;
    if (work >= WORK_PER_TURN) {
      work = 0;
      await nextTurn();
    }
  }
  return tensor('i32', [n, most], found);
}
