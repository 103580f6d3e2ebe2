/** The endings of pictures that are read, without a dot. */
export const READ_PICTURES = [
  'jpg',
  'jpeg',
  'jpe',
  'jfif',
  'png',
  'webp',
  'gif',
  'bmp',
  'tif',
  'tiff',
  'pgm',
  'ppm',
  'pnm',
  'avif',
  'heic',
  'heif',
  'hif',
] as const;

/** The endings of compressed pictures that are not read. They are taken in, so that the report can name them. */
export const UNREAD_PICTURES = ['jxl', 'jp2'] as const;

/** The names of the formats of {@link READ_PICTURES}, for people. */
export const PICTURE_FORMATS = 'JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP, TIFF, PGM and PPM';

/** Matches names that end in a dot and one of the endings, in any case. */
export function endingIn(endings: readonly string[]): RegExp {
  return new RegExp(`\\.(${endings.join('|')})$`, 'i');
}
