import { Vector3 } from 'three';
import type { CameraView } from './camera-view.ts';
import { Hairlines } from './hairlines.ts';
import type { LabelPainter } from './labels.ts';

/** The three axes through the mean of the codes, named at their positive ends. */
export class SceneAxes {
  readonly lines = new Hairlines(3);
  #labels: readonly string[] = [];
  #extent = 1;
  readonly #end = new Vector3();

  get object(): Hairlines['object'] {
    return this.lines.object;
  }

  /** @param labels - of the three axes; none draws none */
  setLabels(labels: readonly string[]): void {
    this.#labels = labels;
    this.object.visible = labels.length > 0;
  }

  /** @param extent - from the middle to an end */
  setExtent(extent: number): void {
    this.#extent = extent;
    const ends = new Float32Array(18);
    for (let axis = 0; axis < 3; axis++) {
      ends[axis * 6 + axis] = -extent;
      ends[axis * 6 + 3 + axis] = extent;
    }
    this.lines.setSegments(ends);
  }

  /** Writes the names beyond the ends. */
  paintLabels(painter: LabelPainter, view: CameraView): void {
    for (let axis = 0; axis < this.#labels.length; axis++) {
      const end = this.#end.set(0, 0, 0).setComponent(axis, this.#extent * 1.04);
      view.project(end.x, end.y, end.z, end);
      if (end.z <= view.camera.near) continue;
      painter.write(this.#labels[axis]!, end.x, end.y, 'axis');
    }
  }

  dispose(): void {
    this.lines.dispose();
  }
}
