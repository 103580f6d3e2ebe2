import { Vector3 } from 'three';
import type { Bounds } from './bounds.ts';
import type { CameraView } from './camera-view.ts';
import { Hairlines } from './hairlines.ts';
import type { LabelPainter } from './labels.ts';

/** Axes end inside the first view, so that their names are seen: parts of the points' radius, and of a flat view's half. */
const AXIS_PART = 0.82;
const FLAT_AXIS_PART = 0.94;
/** How far beyond an end its name stands, for the axis's length. */
const BEYOND = 1.04;

/** The axes, named at their positive ends. They cross at the origin, or where the points are nearest to it. */
export class SceneAxes {
  readonly lines = new Hairlines(3);
  #labels: readonly string[] = [];
  /** `[3, 2, 3]`: both ends of each. */
  readonly #ends = new Float32Array(18);
  readonly #end = new Vector3();

  get object(): Hairlines['object'] {
    return this.lines.object;
  }

  /** @param labels - of the two or three axes that are seen; none draws none */
  setLabels(labels: readonly string[]): void {
    this.#labels = labels;
    this.object.visible = labels.length > 0;
  }

  setBounds({ centre, radius, middle, half }: Bounds, isFlat: boolean): void {
    for (let axis = 0; axis < 3; axis++) {
      const from = isFlat ? middle[axis]! : centre[axis]!;
      const extent = isFlat ? half[axis]! * FLAT_AXIS_PART : radius * AXIS_PART;
      const crossing = Math.min(Math.max(0, from - extent), from + extent);
      for (let each = 0; each < 3; each++) {
        const isOwn = each === axis;
        this.#ends[each * 6 + axis] = isOwn ? from - extent : crossing;
        this.#ends[each * 6 + 3 + axis] = isOwn ? from + extent : crossing;
      }
    }
    this.lines.setSegments(this.#ends, isFlat ? 2 : 3);
  }

  /** Writes the names beyond the ends. */
  paintLabels(painter: LabelPainter, view: CameraView): void {
    for (let axis = 0; axis < this.#labels.length; axis++) {
      const at = axis * 6;
      const end = this.#end.fromArray(this.#ends, at + 3);
      const length = end.getComponent(axis) - this.#ends[at + axis]!;
      end.setComponent(axis, end.getComponent(axis) + (length / 2) * (BEYOND - 1));
      view.project(end.x, end.y, end.z, end);
      if (end.z > view.nearest) painter.writeInside(this.#labels[axis]!, end.x, end.y, 'axis', view);
    }
  }

  dispose(): void {
    this.lines.dispose();
  }
}
