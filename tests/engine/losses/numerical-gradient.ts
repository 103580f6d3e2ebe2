/**
 * The gradient of a function by central differences, for checking one derived by hand.
 *
 * @param value - the function, of the array as it is at the time
 */
export function numericalGradient(
  at: Float64Array | Float32Array,
  value: () => number,
  epsilon: number,
): Float64Array {
  return Float64Array.from(at, (_, i) => {
    const original = at[i]!;
    at[i] = original + epsilon;
    const [above, upper] = [value(), at[i]];
    at[i] = original - epsilon;
    const [below, lower] = [value(), at[i]];
    at[i] = original;
    return (above - below) / (upper - lower);
  });
}
