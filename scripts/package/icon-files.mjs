/**
 * @typedef {object} Picture
 * @property {number} size - width and height in pixels
 * @property {Buffer} png
 */

/**
 * A Windows icon: a directory, then the pictures as PNG, which Windows has read since Vista.
 *
 * @param {Picture[]} pictures - up to 256 pixels
 * @returns {Buffer}
 */
export function icoOf(pictures) {
  const entryBytes = 16;
  const header = Buffer.alloc(6 + pictures.length * entryBytes);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  pictures.forEach(({ size, png }, index) => {
    const at = 6 + index * entryBytes;
    // 256 does not fit a byte and is written as 0.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...pictures.map(({ png }) => png)]);
}

/**
 * The names of PNGs in an icon of macOS, by size; the second is the same picture for a screen of twice the points.
 *
 * @type {Readonly<Record<number, string[]>>}
 */
const icnsTypes = {
  16: ['icp4'],
  32: ['icp5', 'ic11'],
  64: ['icp6', 'ic12'],
  128: ['ic07'],
  256: ['ic08', 'ic13'],
  512: ['ic09', 'ic14'],
  1024: ['ic10'],
};

/**
 * An icon of macOS: pieces, each with its name and length.
 *
 * @param {Picture[]} pictures - of 16, 32 … 1024 pixels
 * @returns {Buffer}
 */
export function icnsOf(pictures) {
  const pieces = pictures.flatMap(({ size, png }) => (icnsTypes[size] ?? []).map((type) => piece(type, png)));
  return piece('icns', Buffer.concat(pieces));
}

/**
 * @param {string} type - four letters
 * @param {Buffer} content
 */
function piece(type, content) {
  const header = Buffer.alloc(8);
  header.write(type, 'latin1');
  header.writeUInt32BE(8 + content.length, 4);
  return Buffer.concat([header, content]);
}
