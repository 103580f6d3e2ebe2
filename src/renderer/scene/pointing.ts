import { Vector3 } from 'three';
import type { CameraView } from './camera-view.ts';
import type { FacesLayer } from './faces-layer.ts';
import type { LatentPath } from './latent-path.ts';
import { neighbourTowards, pick } from './picking.ts';
import type { PointCloud } from './points.ts';
import type { ScreenPoints } from './screen-points.ts';

/** A pixel of the picture, from its upper left. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** What is in the picture, to be pointed at. */
interface Picture {
  readonly view: CameraView;
  readonly cloud: PointCloud;
  readonly screen: ScreenPoints;
  readonly faces: FacesLayer;
  readonly path: LatentPath;
}

/** From pixels to points and places, and back. */
export class Pointing {
  /** Whether faces lie over the points: then those are pointed at first. */
  hasFaces = false;
  /** The point under the pointer. */
  hovered: number | undefined;
  /** Where the pointer is; undefined outside of the picture. */
  pointer: Pixel | undefined;
  readonly #picture: Picture;
  readonly #scratch = new Vector3();
  readonly #through = new Vector3();

  constructor(picture: Picture) {
    this.#picture = picture;
  }

  /** The point that is meant at a pixel. */
  pick(x: number, y: number): number | undefined {
    const { screen, cloud, view, faces } = this.#picture;
    screen.update(cloud, view);
    const tile = this.hasFaces ? faces.tileAt(screen, x, y) : -1;
    const point = tile >= 0 ? tile : pick(screen, x, y);
    return point >= 0 ? point : undefined;
  }

  /** Finds the point under the pointer; true where that is another one than before. */
  updateHovered(isDragging: boolean): boolean {
    const { x, y } = this.pointer ?? { x: 0, y: 0 };
    const hovered = this.pointer && !isDragging ? this.pick(x, y) : undefined;
    const isOther = hovered !== this.hovered;
    this.hovered = hovered;
    return isOther;
  }

  /**
   * The nearest point in a direction of the screen.
   *
   * @param from - a point; without one the live code is where one stands
   */
  neighbour(from: number | undefined, right: number, down: number): number | undefined {
    const { screen, cloud, view } = this.#picture;
    screen.update(cloud, view);
    const start = from === undefined ? this.livePixel : this.pixelOf(from);
    if (!start) return undefined;
    const { x, y } = start;
    const point = neighbourTowards(
      screen,
      from === undefined ? { x, y } : { x, y, index: from },
      right,
      down,
    );
    return point >= 0 ? point : undefined;
  }

  /** The place under a pixel, on the plane through the live code that faces the camera. */
  placeAt(x: number, y: number): [number, number, number] {
    const { view, path } = this.#picture;
    // A live code behind the camera has no plane under the pointer.
    const through = this.livePixel ? path.livePosition(this.#through) : view.pose.target;
    const place = view.placeAt(x, y, through, this.#scratch);
    return [place.x, place.y, place.z];
  }

  /** Where a point is on the screen, hidden or not. */
  pixelOf(point: number): Pixel | undefined {
    const { cloud, view } = this.#picture;
    const { positions } = cloud;
    const at = point * 3;
    if (at + 2 >= positions.length) return undefined;
    return this.#inSight(view.project(positions[at]!, positions[at + 1]!, positions[at + 2]!, this.#scratch));
  }

  get livePixel(): Pixel | undefined {
    const { view, path } = this.#picture;
    return this.#inSight(path.livePlace(view, this.#scratch));
  }

  get pinnedPixel(): Pixel | undefined {
    const { view, path } = this.#picture;
    return this.#inSight(path.pinnedPlace(view, this.#scratch));
  }

  /** Whether a place lies inside the picture, so far from its edge. */
  isSeen(place: readonly [number, number, number], marginPx: number): boolean {
    const { view } = this.#picture;
    const at = this.#inSight(view.project(place[0], place[1], place[2], this.#scratch));
    return (
      at !== undefined &&
      at.x > marginPx &&
      at.y > marginPx &&
      at.x < view.width - marginPx &&
      at.y < view.height - marginPx
    );
  }

  #inSight(at: Readonly<Vector3> | undefined): Pixel | undefined {
    return at && at.z > this.#picture.view.nearest ? { x: at.x, y: at.y } : undefined;
  }
}
