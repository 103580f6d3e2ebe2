let table: Float32Array | undefined;

/** The value of every IEEE 754 half-precision number, by its 16 bits. */
function halfTable(): Float32Array {
  return (table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }));
}

/** Numbers of half precision, little-endian, as float32. `Float16Array` is too new for many browsers. */
export function readHalves(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const values = halfTable();
  const numbers = new Float32Array(bytes.length / 2);
  for (let i = 0; i < numbers.length; i++) numbers[i] = values[bytes[2 * i]! | (bytes[2 * i + 1]! << 8)]!;
  return numbers;
}
