import type { Crop } from '../../contract/dataset.ts';
import type { Box } from './pixels.ts';

const CELEBA_WIDTH = 178;
const CELEBA_HEIGHT = 218;
/** The paper's box: left 30, top 50, right 148, bottom 168 of 178×218 pixels. */
const CELEBA_BOX: Box = { left: 30, top: 50, right: 148, bottom: 168 };
/** Below a quarter of CelebA's size, too many sizes would match its shape after rounding. */
const MIN_CELEBA_WIDTH = 44;

/** True if a picture has the shape of CelebA's aligned faces (178×218), at any scale. */
export function hasCelebaShape(width: number, height: number): boolean {
  if (width < MIN_CELEBA_WIDTH) return false;
  // The tolerance is for the rounding of both sides of a resized picture.
  return (
    Math.abs(height - (width * CELEBA_HEIGHT) / CELEBA_WIDTH) <= 0.5 + (0.5 * CELEBA_HEIGHT) / CELEBA_WIDTH
  );
}

/**
 * The part of a picture that becomes an image of a data set.
 *
 * @returns a box in pixels, possibly fractional; undefined if `celeba` is requested for a picture of another shape
 */
export function cropBox(crop: Crop, width: number, height: number): Box | undefined {
  if (crop === 'none') return { left: 0, top: 0, right: width, bottom: height };
  const celeba = crop !== 'square' && hasCelebaShape(width, height);
  if (crop === 'celeba' && !celeba) return undefined;
  if (celeba) {
    const x = width / CELEBA_WIDTH;
    const y = height / CELEBA_HEIGHT;
    return {
      left: CELEBA_BOX.left * x,
      top: CELEBA_BOX.top * y,
      right: CELEBA_BOX.right * x,
      bottom: CELEBA_BOX.bottom * y,
    };
  }
  const side = Math.min(width, height);
  const left = (width - side) / 2;
  const top = (height - side) / 2;
  return { left, top, right: left + side, bottom: top + side };
}
