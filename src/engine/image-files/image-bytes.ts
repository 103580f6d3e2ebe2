import { IMAGE_SIZE } from '../../contract/dataset.ts';

/** Bytes of one colour image of a data set. */
export const COLOUR_BYTES = IMAGE_SIZE * IMAGE_SIZE * 3;
/** Bytes of one grey image of a data set. */
export const GREY_BYTES = IMAGE_SIZE * IMAGE_SIZE;
