import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  NoBlending,
  NormalBlending,
  Points,
  ShaderMaterial,
} from 'three';
import type { CameraView } from './camera-view.ts';
import { ease } from './easing.ts';

/** The smallest diameter of a point on the screen, whatever its depth, pixels. */
export const SMALLEST_PX = 1.5;
/** The ground's part in the colour of the furthest point. */
const FADED = 0.55;

const VERTEX = /* glsl */ `
  attribute vec4 colour;
  uniform vec3 ground;
  uniform float fade;
  uniform vec3 depths;
  uniform vec3 sizes;
  uniform float pixelRatio;
  varying vec3 shade;
  #ifndef CROWDED
    varying float radius;
  #endif
  void main() {
    gl_Position = projectionMatrix * (modelViewMatrix * vec4(position, 1.0));
    float nearness = depths.x / gl_Position.w;
    float diameter = pixelRatio * clamp(sizes.x * nearness * nearness * nearness, sizes.y, sizes.z);
    #ifdef CROWDED
      gl_PointSize = diameter;
    #else
      radius = 0.5 * diameter;
      gl_PointSize = diameter + 1.0;
    #endif
    float faded = clamp((gl_Position.w - depths.y) / (depths.z - depths.y), 0.0, 1.0);
    shade = mix(colour.rgb, ground, max(fade, faded * ${FADED.toFixed(2)}));
    // Hidden points are moved beyond the far plane, where they are clipped.
    if (colour.a == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  }
`;

const FRAGMENT = /* glsl */ `
  varying vec3 shade;
  #ifndef CROWDED
    varying float radius;
  #endif
  void main() {
    vec2 from = gl_PointCoord - 0.5;
    #ifdef CROWDED
      if (dot(from, from) > 0.25) discard;
      gl_FragColor = vec4(shade, 1.0);
    #else
      float cover = radius + 0.5 - length(from) * (2.0 * radius + 1.0);
      if (cover < 0.25) discard;
      gl_FragColor = vec4(shade, min(cover, 1.0));
    #endif
  }
`;

/** With more points than this they are too small for soft edges to be seen, which would cost half the time. */
const CROWD = 50_000;

/**
 * All points, in one geometry and one draw: round, larger and stronger where they are nearer. Depth decides which is
 * in front, so that no sorting is needed.
 */
export class PointCloud {
  readonly object: Points<BufferGeometry, ShaderMaterial>;
  readonly #material: ShaderMaterial;
  #geometry = new BufferGeometry();
  #positions = new Float32Array(0);
  /** `[points, 4]`, alpha 0 where hidden. */
  colours = new Uint8Array(0);
  /** Grows with every change of a place or of what is hidden. */
  version = 0;
  /** Of a point as far away as what the camera looks at, pixels. */
  diameterPx = 4;
  /** Of a point, however near it comes, pixels. */
  largestPx = 9;
  #from: Float32Array | undefined;
  #to: Float32Array | undefined;
  #startMs = 0;
  #durationMs = 0;

  constructor() {
    this.#material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      uniforms: {
        ground: { value: new Color() },
        fade: { value: 0 },
        depths: { value: [1, 0, 1] },
        sizes: { value: [4, SMALLEST_PX, 9] },
        pixelRatio: { value: 1 },
      },
    });
    this.object = new Points(this.#geometry, this.#material);
    this.object.frustumCulled = false;
    this.#grow(this.#positions);
  }

  get count(): number {
    return this.colours.length / 4;
  }

  /** `[points, 3]`: where they are now, on their way too. */
  get positions(): Float32Array {
    return this.#positions;
  }

  /**
   * Puts the points somewhere else; as many as before glide there.
   *
   * @param positions - `[points, 3]`, copied
   */
  setPositions(positions: Float32Array, durationMs: number, nowMs: number): void {
    this.version += 1;
    if (positions.length !== this.#positions.length) this.#grow(positions);
    else if (durationMs > 0) {
      this.#from = this.#positions.slice();
      this.#to = positions;
      this.#startMs = nowMs;
      this.#durationMs = durationMs;
    } else {
      this.#arrive(positions);
    }
  }

  /** @param colours - `[points, 4]` of sRGB, alpha 0 where hidden; copied */
  setColours(colours: Uint8Array): void {
    if (colours.length !== this.colours.length) {
      throw new RangeError(`${this.count} points do not take ${colours.length / 4} colours.`);
    }
    this.colours.set(colours);
    this.version += 1;
    const attribute = this.#geometry.getAttribute('colour');
    attribute.needsUpdate = true;
  }

  /** @param ground - what the far ones fade into */
  setGround(ground: string): void {
    // The shader writes what the screen shows; nothing is to be converted.
    (this.#material.uniforms['ground']!.value as Color).set(ground).convertLinearToSRGB();
  }

  /** Mixes the ground's colour into all points: 0 leaves them as they are, 1 hides them. */
  setFade(part: number): void {
    this.#material.uniforms['fade']!.value = part;
  }

  /** Goes on with a movement; false once nothing moves. */
  advance(nowMs: number): boolean {
    if (!this.#from || !this.#to) return false;
    const part = ease((nowMs - this.#startMs) / this.#durationMs);
    if (part >= 1) {
      this.#arrive(this.#to);
      return false;
    }
    const from = this.#from;
    const to = this.#to;
    const now = this.#positions;
    for (let i = 0; i < now.length; i++) now[i] = from[i]! + (to[i]! - from[i]!) * part;
    this.#uploadPositions();
    return true;
  }

  /** Before every frame: sizes and fading depend on where the camera is. */
  follow(view: CameraView, pixelRatio: number): void {
    const { uniforms } = this.#material;
    const { depth, pose, isOrthographic } = view;
    const { radius } = view.bounds;
    const depths = uniforms['depths']!.value as number[];
    depths[0] = depth;
    depths[1] = isOrthographic ? depth : Math.max(0, depth - radius);
    // With less perspective far points fade less; in a flat view none does.
    depths[2] = isOrthographic ? depth + 1 : depths[1] + (depth + radius - depths[1]) / pose.perspective;
    const sizes = uniforms['sizes']!.value as number[];
    sizes[0] = this.diameterPx;
    sizes[2] = this.largestPx;
    uniforms['pixelRatio']!.value = pixelRatio;
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }

  #grow(positions: Float32Array): void {
    this.#from = this.#to = undefined;
    this.#geometry.dispose();
    this.#geometry = new BufferGeometry();
    this.#positions = positions.slice();
    this.colours = new Uint8Array((positions.length / 3) * 4).fill(255);
    this.#geometry.setAttribute(
      'position',
      new BufferAttribute(this.#positions, 3).setUsage(DynamicDrawUsage),
    );
    this.#geometry.setAttribute(
      'colour',
      new BufferAttribute(this.colours, 4, true).setUsage(DynamicDrawUsage),
    );
    this.object.geometry = this.#geometry;
    this.#crowd(positions.length / 3 > CROWD);
  }

  #crowd(isCrowded: boolean): void {
    const material = this.#material;
    if (isCrowded === 'CROWDED' in material.defines) return;
    material.defines = isCrowded ? { CROWDED: '' } : {};
    material.blending = isCrowded ? NoBlending : NormalBlending;
    material.needsUpdate = true;
  }

  #arrive(positions: Float32Array): void {
    this.#from = this.#to = undefined;
    this.#positions.set(positions);
    this.#uploadPositions();
  }

  #uploadPositions(): void {
    this.version += 1;
    const attribute = this.#geometry.getAttribute('position');
    attribute.needsUpdate = true;
  }
}
