import { Vector3 } from 'three';
import type { CameraView } from './camera-view.ts';
import { Hairlines } from './hairlines.ts';
import type { LabelPainter } from './labels.ts';

const SIGMAS = [1, 2, 3];
const SEGMENTS = 128;
/** Labels stand at the upper left. */
const LABEL_ANGLE = (Math.PI * 5) / 6;

/**
 * The prior's 1, 2 and 3 σ. On orthonormal axes N(0, I) is round from every side, so its spheres are rings that always
 * face the camera.
 */
export class PriorRings {
  readonly lines = new Hairlines(SIGMAS.length * SEGMENTS);
  readonly #label = new Vector3();

  constructor() {
    const ends = new Float32Array(SIGMAS.length * SEGMENTS * 6);
    let at = 0;
    for (const sigma of SIGMAS) {
      for (let s = 0; s < SEGMENTS; s++) {
        for (const end of [s, s + 1]) {
          const angle = (end / SEGMENTS) * 2 * Math.PI;
          ends[at] = sigma * Math.cos(angle);
          ends[at + 1] = sigma * Math.sin(angle);
          at += 3;
        }
      }
    }
    this.lines.setSegments(ends);
    this.object.visible = false;
  }

  get object(): Hairlines['object'] {
    return this.lines.object;
  }

  /** @param centre - where the code 0 lies; undefined where there is no prior */
  setCentre(centre: readonly [number, number, number] | undefined): void {
    this.object.visible = centre !== undefined;
    if (centre) this.object.position.set(...centre);
  }

  /** Before every frame: turns to the camera. */
  face(view: CameraView): void {
    this.object.quaternion.copy(view.camera.quaternion);
  }

  paintLabels(painter: LabelPainter, view: CameraView): void {
    if (!this.object.visible) return;
    for (const sigma of SIGMAS) {
      const label = this.#label
        .copy(this.object.position)
        .addScaledVector(view.right, sigma * Math.cos(LABEL_ANGLE))
        .addScaledVector(view.up, sigma * Math.sin(LABEL_ANGLE));
      view.project(label.x, label.y, label.z, label);
      if (label.z > view.nearest) painter.write(SIGMA_NAMES[sigma - 1]!, label.x, label.y, 'ring');
    }
  }

  dispose(): void {
    this.lines.dispose();
  }
}

const SIGMA_NAMES = SIGMAS.map((sigma) => `${sigma}σ`);
