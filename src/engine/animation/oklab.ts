/** sRGB bytes to linear light, IEC 61966-2-1. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/**
 * A colour in OKLab (Björn Ottosson 2020), where equal distances look about equal.
 *
 * @returns lightness in [0, 1], and the two colour axes, written to `into` from `at` on
 */
export function writeOklab(into: Float32Array, at: number, red: number, green: number, blue: number): void {
  const r = LINEAR[red]!;
  const g = LINEAR[green]!;
  const b = LINEAR[blue]!;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  into[at] = 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
  into[at + 1] = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  into[at + 2] = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
}

function toByte(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.min(255, Math.max(0, Math.round(value * 255)));
}

/** The sRGB bytes nearest to a colour in OKLab; colours outside of sRGB are clipped. */
export function oklabToBytes(
  lightness: number,
  a: number,
  b: number,
): [red: number, green: number, blue: number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}
