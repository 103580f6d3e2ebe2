import { clamp01 } from './shapes.ts';

/** Red, green and blue, 0 to 255, as displayed (sRGB). */
export type Colour = readonly [r: number, g: number, b: number];

/** The colour of a hexadecimal number such as 0xf2c087. */
export function rgb(hex: number): Colour {
  return [(hex >> 16) & 255, (hex >> 8) & 255, hex & 255];
}

/** Interpolates linearly between two colours. */
export function mix(from: Colour, to: Colour, fraction: number): Colour {
  return [
    from[0] + (to[0] - from[0]) * fraction,
    from[1] + (to[1] - from[1]) * fraction,
    from[2] + (to[2] - from[2]) * fraction,
  ];
}

/** The colour at a position in [0, 1] along evenly spaced stops. */
export function along(stops: readonly Colour[], position: number): Colour {
  const at = clamp01(position) * (stops.length - 1);
  const before = Math.min(Math.floor(at), stops.length - 2);
  return mix(stops[before]!, stops[before + 1]!, at - before);
}

/**
 * The ramps are monotonic in lightness or follow an open arc of hue, never a full circle: a circle cannot be
 * represented by one latent dimension, even if a model disentangles well.
 */
export const BACKGROUNDS: readonly Colour[] = [
  0xf3cd84, 0xcfd392, 0x93cdaa, 0x75bfca, 0x86a8dc, 0xa79be0,
].map(rgb);
export const SKINS: readonly Colour[] = [0xfde0cd, 0xf3c3a0, 0xd99c72, 0xaa6d48, 0x6e442f].map(rgb);
export const HAIRS: readonly Colour[] = [0x23202b, 0x543026, 0xa8422c, 0xe0a84e, 0xeee6da].map(rgb);
export const SHIRTS: readonly Colour[] = [0x2f3b6e, 0x6f4284, 0xc4506f, 0xee7f5c, 0xf8c66b].map(rgb);

export const WHITE = rgb(0xffffff);
export const INK = rgb(0x2a1c24);
