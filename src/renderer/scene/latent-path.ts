import { Vector3 } from 'three';
import type { Palette } from '../theme/tokens.ts';
import type { CameraView } from './camera-view.ts';
import { seenEllipse, type Ellipse } from './ellipse.ts';
import type { LabelPainter } from './labels.ts';

/** What the path is drawn from; places are on the three axes. */
export interface LatentPathData {
  /** `[places, 3]`: where it begins, where each move ended, and last the live code. */
  readonly places: Float32Array;
  /** Name and colour of the pinned image that the path begins at; undefined at a sample of the prior. */
  readonly pinned: { readonly name: string; readonly colour: string } | undefined;
  /** Whether the live code has left the place where the path begins. */
  readonly isMoved: boolean;
  /** Of the pinned posterior on the three axes, `[3, 3]`; undefined for an AE, which has none. */
  readonly covariance: ArrayLike<number> | undefined;
  /** The other end of an interpolation. */
  readonly second:
    | { readonly place: readonly [number, number, number]; readonly name: string; readonly colour: string }
    | undefined;
}

export const NO_PATH: LatentPathData = {
  places: new Float32Array(0),
  pinned: undefined,
  isMoved: false,
  covariance: undefined,
  second: undefined,
};

const PINNED_PX = 14;
const STOP_PX = 8;
const LIVE_PX = 12;
const HALO_PX = 26;
const LINE_PX = 2;
const LABEL_GAP_PX = 14;

/**
 * Paints a line through the latent space over the points: from the pinned code over the end of every move to the live
 * code. The image's own place is drawn in ink, the places that it was moved to in the accent's colour.
 */
export class LatentPath {
  #data: LatentPathData = NO_PATH;
  readonly #at = new Vector3();
  /** Pixels of the places, as far as they can be seen: `[places, 2]`, NaN behind the camera. */
  #seen = new Float32Array(0);
  readonly #ellipse: Ellipse = { major: 0, minor: 0, angle: 0 };

  set(data: LatentPathData): void {
    this.#data = data;
    if (this.#seen.length < (data.places.length / 3) * 2) {
      this.#seen = new Float32Array((data.places.length / 3) * 4);
    }
  }

  /** Where the live code is on the screen, or undefined. */
  livePlace(view: CameraView, out: Vector3): Vector3 | undefined {
    const { places } = this.#data;
    const last = places.length - 3;
    return last < 0 ? undefined : view.project(places[last]!, places[last + 1]!, places[last + 2]!, out);
  }

  /** Where the live code is in the scene; the origin while there is none. */
  livePosition(out: Vector3): Vector3 {
    const { places } = this.#data;
    const last = places.length - 3;
    return last < 0 ? out.set(0, 0, 0) : out.fromArray(places, last);
  }

  /** Where the pinned code is on the screen, or undefined. */
  pinnedPlace(view: CameraView, out: Vector3): Vector3 | undefined {
    const { places, pinned } = this.#data;
    return pinned && places.length > 0 ? view.project(places[0]!, places[1]!, places[2]!, out) : undefined;
  }

  paint(context: CanvasRenderingContext2D, labels: LabelPainter, view: CameraView, palette: Palette): void {
    const count = this.#data.places.length / 3;
    if (count === 0) return;
    const { second } = this.#data;
    this.#project(view);
    this.#paintGhost(context, view, palette);
    if (second) this.#paintSecond(context, labels, view, palette, second);
    if (this.#data.isMoved) {
      this.#paintLine(context, count, palette);
      for (let i = 1; i < count - 1; i++) this.#paintStop(context, i, palette);
      this.#paintLive(context, labels, view, count, palette);
    }
    this.#paintBegin(context, labels, view, palette);
  }

  #project(view: CameraView): void {
    const { places } = this.#data;
    for (let i = 0; i * 3 < places.length; i++) {
      const at = view.project(places[i * 3]!, places[i * 3 + 1]!, places[i * 3 + 2]!, this.#at);
      const isSeen = at.z > view.nearest;
      this.#seen[i * 2] = isSeen ? at.x : Number.NaN;
      this.#seen[i * 2 + 1] = isSeen ? at.y : Number.NaN;
    }
  }

  /** The ±1 σ of the pinned posterior. */
  #paintGhost(context: CanvasRenderingContext2D, view: CameraView, palette: Palette): void {
    const { covariance } = this.#data;
    const at = this.pinnedPlace(view, this.#at);
    if (!covariance || !at || at.z <= view.nearest) return;
    const { major, minor, angle } = seenEllipse(
      covariance,
      view.right,
      view.up,
      view.focalPx / at.z,
      this.#ellipse,
    );
    context.beginPath();
    context.ellipse(at.x, at.y, Math.max(major, 1), Math.max(minor, 1), angle, 0, 2 * Math.PI);
    // Filled, an ellipse as large as the picture would only make all of it grey.
    if (minor < Math.max(view.width, view.height) / 2) {
      context.globalAlpha = 0.1;
      context.fillStyle = palette.ink;
      context.fill();
    }
    context.globalAlpha = 0.35;
    context.lineWidth = 1;
    context.strokeStyle = palette.ink;
    context.stroke();
    context.globalAlpha = 1;
  }

  #paintLine(context: CanvasRenderingContext2D, count: number, palette: Palette): void {
    context.beginPath();
    for (let i = 0; i < count; i++) context.lineTo(this.#seen[i * 2]!, this.#seen[i * 2 + 1]!);
    context.lineJoin = 'round';
    context.strokeStyle = palette.canvas;
    context.lineWidth = LINE_PX + 3;
    context.stroke();
    context.strokeStyle = palette.accent;
    context.lineWidth = LINE_PX;
    context.stroke();
  }

  #paintStop(context: CanvasRenderingContext2D, i: number, palette: Palette): void {
    const x = this.#seen[i * 2]!;
    const y = this.#seen[i * 2 + 1]!;
    disc(context, x, y, STOP_PX / 2 + 1.5, palette.canvas);
    disc(context, x, y, STOP_PX / 2, palette.accent);
    disc(context, x, y, STOP_PX / 2 - 2, palette.canvas);
  }

  #paintLive(
    context: CanvasRenderingContext2D,
    labels: LabelPainter,
    view: CameraView,
    count: number,
    palette: Palette,
  ): void {
    const x = this.#seen[count * 2 - 2]!;
    const y = this.#seen[count * 2 - 1]!;
    disc(context, x, y, HALO_PX / 2, palette.accent, 0.25);
    disc(context, x, y, LIVE_PX / 2 + 1.5, palette.canvas);
    disc(context, x, y, LIVE_PX / 2, palette.accent);
    writeBeside(labels, 'live', x, y, this.#comesFromRight(count), 'live', LABEL_GAP_PX + 3, view.width);
  }

  /** Whether the path reaches the live code from the right; places under its halo are left out. */
  #comesFromRight(count: number): boolean {
    const x = this.#seen[count * 2 - 2]!;
    const y = this.#seen[count * 2 - 1]!;
    for (let i = count - 2; i >= 0; i--) {
      const dx = this.#seen[i * 2]! - x;
      if (Math.hypot(dx, this.#seen[i * 2 + 1]! - y) > HALO_PX) return dx > 0;
    }
    return true;
  }

  #paintBegin(
    context: CanvasRenderingContext2D,
    labels: LabelPainter,
    view: CameraView,
    palette: Palette,
  ): void {
    const { pinned, places, isMoved } = this.#data;
    const x = this.#seen[0]!;
    const y = this.#seen[1]!;
    if (!pinned) {
      // The path begins at a sample of the prior, where no image is.
      disc(context, x, y, STOP_PX / 2 + 1.5, palette.canvas);
      disc(context, x, y, STOP_PX / 2, palette.accent);
      if (!isMoved) writeBeside(labels, 'sample', x, y, true, 'live', LABEL_GAP_PX, view.width);
      return;
    }
    paintRing(context, x, y, pinned.colour, palette.ink, palette.canvas);
    const next = places.length > 3 && isMoved ? this.#seen[2]! : x + 1;
    writeBeside(labels, pinned.name, x, y, next >= x, 'pinned', LABEL_GAP_PX, view.width);
  }

  #paintSecond(
    context: CanvasRenderingContext2D,
    labels: LabelPainter,
    view: CameraView,
    palette: Palette,
    { place, name, colour }: NonNullable<LatentPathData['second']>,
  ): void {
    const at = view.project(place[0], place[1], place[2], this.#at);
    if (at.z <= view.nearest) return;
    context.beginPath();
    context.moveTo(this.#seen[0]!, this.#seen[1]!);
    context.lineTo(at.x, at.y);
    context.setLineDash(DASH);
    context.lineWidth = 1.5;
    context.strokeStyle = palette.ink2;
    context.stroke();
    context.setLineDash(SOLID);
    paintRing(context, at.x, at.y, colour, palette.ink2, palette.canvas);
    writeBeside(labels, name, at.x, at.y, this.#seen[0]! > at.x, 'second', LABEL_GAP_PX, view.width);
  }
}

const DASH = [4, 4];
const SOLID: number[] = [];

/** A point in a ring: pinned or hovered. */
export function paintRing(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  colour: string,
  ring: string,
  ground: string,
): void {
  disc(context, x, y, PINNED_PX / 2 + 2, ground);
  disc(context, x, y, PINNED_PX / 2 + 0.5, ring);
  disc(context, x, y, PINNED_PX / 2 - 1.5, ground);
  disc(context, x, y, PINNED_PX / 2 - 3, colour);
}

function disc(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  colour: string,
  alpha = 1,
): void {
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  context.globalAlpha = 1;
}

/** Writes a name beside a mark: on the side that is asked for, or the other one where there is no room. */
function writeBeside(
  labels: LabelPainter,
  text: string,
  x: number,
  y: number,
  isLeftPreferred: boolean,
  kind: 'pinned' | 'second' | 'live',
  gap: number,
  width: number,
): void {
  const room = gap + text.length * CHARACTER_PX;
  const isLeft = isLeftPreferred ? x > room : x > width - room;
  labels.write(text, isLeft ? x - gap : x + gap, y, kind, isLeft ? 'right' : 'left');
}

/** About the width of a character of a label. */
const CHARACTER_PX = 7;
