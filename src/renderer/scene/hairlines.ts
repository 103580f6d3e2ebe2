import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  DynamicDrawUsage,
  Mesh,
  ShaderMaterial,
} from 'three';

const VERTEX = /* glsl */ `
  attribute vec3 other;
  attribute vec2 corner;
  uniform vec2 viewport;
  uniform float halfWidth;
  uniform float nearest;
  varying float beside;
  void main() {
    vec4 here = projectionMatrix * (modelViewMatrix * vec4(position, 1.0));
    vec4 there = projectionMatrix * (modelViewMatrix * vec4(other, 1.0));
    // What lies behind the camera ends just before it.
    if (here.w < nearest) here = mix(here, there, (nearest - here.w) / max(there.w - here.w, 1e-9));
    if (there.w < nearest) there = mix(there, here, (nearest - there.w) / max(here.w - there.w, 1e-9));
    vec2 along = (there.xy / there.w - here.xy / here.w) * viewport * corner.y;
    vec2 normal = normalize(vec2(-along.y, along.x) + vec2(1e-9, 0.0));
    beside = corner.x * (halfWidth + 1.0);
    gl_Position = here;
    gl_Position.xy += normal * beside / viewport * 2.0 * here.w;
  }
`;

const FRAGMENT = /* glsl */ `
  uniform vec3 colour;
  uniform float halfWidth;
  varying float beside;
  void main() {
    gl_FragColor = vec4(colour, clamp(halfWidth + 0.5 - abs(beside), 0.0, 1.0));
  }
`;

/** The four corners of a segment: at which end, on which side, and which way the other end is. */
const CORNERS = [
  [0, -1, 1],
  [0, 1, 1],
  [1, -1, -1],
  [1, 1, -1],
] as const;

/**
 * Lines of one pixel's width behind the points, smooth without multisampling: every segment is a strip that the
 * shader widens on the screen and fades at its edges.
 */
export class Hairlines {
  readonly object: Mesh<BufferGeometry, ShaderMaterial>;
  readonly #segments: number;
  readonly #geometry = new BufferGeometry();
  readonly #material: ShaderMaterial;

  constructor(segments: number) {
    this.#segments = segments;
    const vertices = segments * 4;
    this.#geometry.setAttribute('position', floats(vertices, 3));
    this.#geometry.setAttribute('other', floats(vertices, 3));
    const corner = floats(vertices, 2);
    const index = new Uint16Array(segments * 6);
    for (let s = 0; s < segments; s++) {
      CORNERS.forEach(([, side, direction], c) => corner.setXY(s * 4 + c, side, direction));
      index.set(
        [0, 1, 2, 2, 1, 3].map((c) => s * 4 + c),
        s * 6,
      );
    }
    this.#geometry.setAttribute('corner', corner);
    this.#geometry.setIndex(new BufferAttribute(index, 1));
    this.#material = new ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      transparent: true,
      side: DoubleSide,
      depthTest: false,
      depthWrite: false,
      uniforms: {
        colour: { value: new Color() },
        viewport: { value: [1, 1] },
        halfWidth: { value: 0.5 },
        nearest: { value: 1e-3 },
      },
    });
    this.object = new Mesh(this.#geometry, this.#material);
    this.object.frustumCulled = false;
    this.object.renderOrder = -1;
  }

  /**
   * @param ends - `[segments, 2, 3]`
   * @param shown - how many of the segments are drawn, the first ones
   */
  setSegments(ends: ArrayLike<number>, shown = this.#segments): void {
    this.#geometry.setDrawRange(0, shown * 6);
    const position = this.#geometry.getAttribute('position');
    const other = this.#geometry.getAttribute('other');
    for (let s = 0; s < this.#segments; s++) {
      CORNERS.forEach(([end], c) => {
        const here = s * 6 + end * 3;
        const there = s * 6 + (1 - end) * 3;
        position.setXYZ(s * 4 + c, ends[here]!, ends[here + 1]!, ends[here + 2]!);
        other.setXYZ(s * 4 + c, ends[there]!, ends[there + 1]!, ends[there + 2]!);
      });
    }
    position.needsUpdate = other.needsUpdate = true;
  }

  setColour(colour: string): void {
    (this.#material.uniforms['colour']!.value as Color).set(colour).convertLinearToSRGB();
  }

  /**
   * Before every frame.
   *
   * @param width - of the canvas, in its own pixels
   * @param nearest - the least depth that is drawn
   */
  follow(width: number, height: number, pixelRatio: number, nearest: number): void {
    const { uniforms } = this.#material;
    const viewport = uniforms['viewport']!.value as number[];
    viewport[0] = width;
    viewport[1] = height;
    uniforms['halfWidth']!.value = pixelRatio / 2;
    uniforms['nearest']!.value = nearest;
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }
}

function floats(count: number, size: number): BufferAttribute {
  return new BufferAttribute(new Float32Array(count * size), size).setUsage(DynamicDrawUsage);
}
