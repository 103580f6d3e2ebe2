import { Vector3 } from 'three';
import type { Bounds } from './bounds.ts';
import type { CameraView } from './camera-view.ts';
import { Hairlines } from './hairlines.ts';
import type { LabelPainter } from './labels.ts';
import type { Box } from './thinning.ts';

/** Axes end inside the first view, so that their names are seen: part of the points' radius. */
const AXIS_PART = 0.82;
/** In a flat view they run through the whole picture, however far out one zooms: times the points' radius. */
const FLAT_AXIS_TIMES = 200;
/** How far beyond an end its name stands, for the axis's length. */
const BEYOND = 1.04;
/** Between a name and the picture's edge, its axis, or what lies over the picture. */
const GAP_PX = 8;
/** Half of a name's height. */
const HALF_NAME_PX = 7;

/** The axes, named at their positive ends. They cross at the origin, or where the points are nearest to it. */
export class SceneAxes {
  readonly lines = new Hairlines(3);
  #labels: readonly string[] = [];
  #crossing: [number, number, number] = [0, 0, 0];
  /** `[3, 2, 3]`: both ends of each. */
  readonly #ends = new Float32Array(18);
  readonly #at = new Vector3();

  get object(): Hairlines['object'] {
    return this.lines.object;
  }

  /** @param labels - of the two or three axes that are seen; none draws none */
  setLabels(labels: readonly string[]): void {
    this.#labels = labels;
    this.object.visible = labels.length > 0;
  }

  setBounds({ centre, radius, middle, half }: Bounds, isFlat: boolean): void {
    const extent = radius * (isFlat ? FLAT_AXIS_TIMES : AXIS_PART);
    const nearZero = (from: number, reach: number): number =>
      Math.min(Math.max(0, from - reach), from + reach);
    this.#crossing = isFlat
      ? [nearZero(middle[0], half[0]), nearZero(middle[1], half[1]), 0]
      : [nearZero(centre[0], extent), nearZero(centre[1], extent), nearZero(centre[2], extent)];
    for (let axis = 0; axis < 3; axis++) {
      const from = isFlat ? middle[axis]! : centre[axis]!;
      for (const end of [0, 1]) {
        const at = axis * 6 + end * 3;
        this.#ends.set(this.#crossing, at);
        this.#ends[at + axis] = from + (end === 0 ? -extent : extent);
      }
    }
    this.lines.setSegments(this.#ends, isFlat ? 2 : 3);
  }

  /**
   * Writes the names beyond the ends; in a flat view at the picture's edge, wherever one has moved.
   *
   * @param covered - where something lies over the picture; names of a flat view keep clear of it
   */
  paintLabels(painter: LabelPainter, view: CameraView, covered: readonly Box[]): void {
    if (view.isOrthographic) this.#paintAtEdges(painter, view, covered);
    else this.#paintAtEnds(painter, view);
  }

  dispose(): void {
    this.lines.dispose();
  }

  #paintAtEnds(painter: LabelPainter, view: CameraView): void {
    for (let axis = 0; axis < this.#labels.length; axis++) {
      const end = this.#at.fromArray(this.#ends, axis * 6 + 3);
      const length = end.getComponent(axis) - this.#ends[axis * 6 + axis]!;
      end.setComponent(axis, end.getComponent(axis) + (length / 2) * (BEYOND - 1));
      view.project(end.x, end.y, end.z, end);
      if (end.z <= view.nearest) continue;
      const x = clamp(end.x, painter.widthOf(this.#labels[axis]!, 'axis') / 2 + GAP_PX, view.width);
      // An end outside of the picture has its name there.
      painter.write(this.#labels[axis]!, end.x > 0 && end.x < view.width ? x : end.x, end.y, 'axis');
    }
  }

  #paintAtEdges(painter: LabelPainter, view: CameraView, covered: readonly Box[]): void {
    const [right = '', up = ''] = this.#labels;
    const { x, y } = view.project(...this.#crossing, this.#at);
    painter.write(right, ...placeAtRight(y, painter.widthOf(right, 'axis'), view, covered), 'axis', 'right');
    painter.write(up, ...placeAtTop(x, painter.widthOf(up, 'axis'), view, covered), 'axis', 'left');
  }
}

/** Between a margin and what it leaves of a length. */
function clamp(value: number, margin: number, length: number): number {
  return margin * 2 < length ? Math.min(Math.max(value, margin), length - margin) : value;
}

/** Above the axis to the right, at the picture's edge: the name's right end. */
function placeAtRight(
  axisY: number,
  width: number,
  picture: { readonly width: number; readonly height: number },
  covered: readonly Box[],
): [number, number] {
  const y = clamp(axisY - GAP_PX - HALF_NAME_PX / 2, GAP_PX + HALF_NAME_PX, picture.height);
  let x = picture.width - GAP_PX;
  for (const { left, right, top, bottom } of covered) {
    const isBeside = y + HALF_NAME_PX > top && y - HALF_NAME_PX < bottom;
    if (isBeside && right > x - width && left > picture.width / 2) x = Math.min(x, left - GAP_PX);
  }
  return [x, y];
}

/** Beside the upper end of the axis upwards: the name's left end. */
function placeAtTop(
  axisX: number,
  width: number,
  picture: { readonly width: number; readonly height: number },
  covered: readonly Box[],
): [number, number] {
  const x = clamp(axisX + GAP_PX + width / 2, GAP_PX + width / 2, picture.width) - width / 2;
  let y = GAP_PX + HALF_NAME_PX;
  for (const { left, right, top, bottom } of covered) {
    const isBelow = left < x + width + GAP_PX && right > x - GAP_PX;
    if (isBelow && top < picture.height / 2) y = Math.max(y, bottom + GAP_PX + HALF_NAME_PX);
  }
  return [x, y];
}
