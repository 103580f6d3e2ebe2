import type { CameraView } from './camera-view.ts';
import { SMALLEST_PX, type PointCloud } from './points.ts';

/**
 * Where every point is on the screen: computed once for each pose of the camera, when somebody asks. Hidden points and
 * those behind the camera have NaN, which is near to nothing.
 */
export class ScreenPoints {
  x = new Float32Array(0);
  y = new Float32Array(0);
  depth = new Float32Array(0);
  /** Grows whenever the places change. */
  version = 0;
  /** Of each point's disc at depth one; see {@link radiusAt}. */
  #size = 0;
  #largestPx = 0;
  #cloudVersion = -1;
  #viewVersion = -1;

  get count(): number {
    return this.x.length;
  }

  /** The radius of a point's disc, pixels, as the shader draws it. */
  radiusAt(depth: number): number {
    return Math.min(this.#largestPx, Math.max(SMALLEST_PX, this.#size / (depth * depth * depth))) / 2;
  }

  /** Brings everything up to date; does nothing where nothing has changed. */
  update(cloud: PointCloud, view: CameraView): void {
    if (cloud.version === this.#cloudVersion && view.version === this.#viewVersion) return;
    this.#cloudVersion = cloud.version;
    this.#viewVersion = view.version;
    this.version += 1;
    this.#size = cloud.diameterPx * view.depth ** 3;
    this.#largestPx = cloud.largestPx;
    const { count, positions, colours } = cloud;
    if (count !== this.x.length) {
      this.x = new Float32Array(count);
      this.y = new Float32Array(count);
      this.depth = new Float32Array(count);
    }
    const m = view.viewProjection.elements;
    const halfWidth = view.width / 2;
    const halfHeight = view.height / 2;
    const [m0, m1, m3, m4, m5, m7] = [m[0], m[1], m[3], m[4], m[5], m[7]];
    const [m8, m9, m11, m12, m13, m15] = [m[8], m[9], m[11], m[12], m[13], m[15]];
    const { nearest } = view;
    for (let i = 0; i < count; i++) {
      const px = positions[i * 3]!;
      const py = positions[i * 3 + 1]!;
      const pz = positions[i * 3 + 2]!;
      const depth = m3 * px + m7 * py + m11 * pz + m15;
      if (colours[i * 4 + 3] === 0 || depth < nearest) {
        this.x[i] = this.y[i] = this.depth[i] = Number.NaN;
        continue;
      }
      this.x[i] = ((m0 * px + m4 * py + m8 * pz + m12) / depth + 1) * halfWidth;
      this.y[i] = (1 - (m1 * px + m5 * py + m9 * pz + m13) / depth) * halfHeight;
      this.depth[i] = depth;
    }
  }
}
