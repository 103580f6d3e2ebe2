import { MathUtils, Matrix4, PerspectiveCamera, Vector3 } from 'three';
import { ease } from './easing.ts';

/** Where the camera stands: `distance` away from what it looks at, turned by two angles. */
export interface Pose {
  readonly target: Vector3;
  distance: number;
  /** Round the vertical axis, radians; 0 looks along −z. */
  azimuth: number;
  /** From the vertical axis, radians. */
  polar: number;
}

/** Narrow, so that near and far points differ little in place and the rings of the prior fit the cloud. */
const FIELD_OF_VIEW = 30;
const HALF_VIEW = Math.tan(MathUtils.degToRad(FIELD_OF_VIEW / 2));
/** The first axis to the right and away, the second upwards, the third towards the viewer. */
const HOME_AZIMUTH = MathUtils.degToRad(-38);
const HOME_POLAR = MathUtils.degToRad(72);
const NEAREST_POLE = 0.02;

/**
 * The camera as a person moves it, in pixels of the page: turns, shifts, comes nearer to what is under the pointer.
 * Everything is exact on the plane through the target that faces the camera.
 */
export class CameraView {
  readonly camera = new PerspectiveCamera(FIELD_OF_VIEW);
  readonly pose: Pose = {
    target: new Vector3(),
    distance: 1,
    azimuth: HOME_AZIMUTH,
    polar: HOME_POLAR,
  };
  /** Unit vectors of the screen in the scene. */
  readonly right = new Vector3();
  readonly up = new Vector3();
  readonly viewProjection = new Matrix4();
  width = 1;
  height = 1;
  /** Grows with every change. */
  version = 0;
  /** Half the size of what there is to see. */
  radius = 1;
  /** True until somebody looks elsewhere. */
  isHome = true;
  readonly #from: Pose = { target: new Vector3(), distance: 1, azimuth: 0, polar: 0 };
  readonly #to: Pose = { target: new Vector3(), distance: 1, azimuth: 0, polar: 0 };
  #startMs = 0;
  #durationMs = 0;
  readonly #scratch = new Vector3();

  constructor() {
    this.#apply();
  }

  /** Pixels of one unit at distance one: a unit at `depth` is `focalPx / depth` wide. */
  get focalPx(): number {
    return this.height / 2 / HALF_VIEW;
  }

  get isMoving(): boolean {
    return this.#durationMs > 0;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.#apply();
  }

  /** So far away that a sphere of `radius` round the origin fills the view. */
  get homeDistance(): number {
    const shorter = Math.min(1, this.width / this.height);
    return this.radius / Math.sin(Math.atan(HALF_VIEW * shorter));
  }

  /** Says how much there is to see; {@link goHome} then shows it all. */
  setRadius(radius: number): void {
    this.radius = radius > 0 ? radius : 1;
    this.#apply();
  }

  orbit(dx: number, dy: number): void {
    const { pose } = this;
    const radiansPerPx = Math.PI / this.height;
    pose.azimuth -= dx * radiansPerPx;
    pose.polar = MathUtils.clamp(pose.polar - dy * radiansPerPx, NEAREST_POLE, Math.PI - NEAREST_POLE);
    this.#change();
  }

  /** What is under the pointer goes along with it. */
  pan(dx: number, dy: number): void {
    const units = this.pose.distance / this.focalPx;
    this.pose.target.addScaledVector(this.right, -dx * units).addScaledVector(this.up, dy * units);
    this.#change();
  }

  /** Comes nearer (`factor` below 1) to the place under the pointer, which stays there. */
  zoom(factor: number, x: number, y: number): void {
    const { pose } = this;
    const distance = MathUtils.clamp(pose.distance * factor, this.radius / 50, this.radius * 40);
    const under = this.placeAt(x, y, pose.target, this.#scratch);
    pose.target
      .sub(under)
      .multiplyScalar(distance / pose.distance)
      .add(under);
    pose.distance = distance;
    this.#change();
  }

  /** Back to where everything is seen. */
  goHome(durationMs: number, nowMs: number): void {
    this.isHome = true;
    this.#to.target.set(0, 0, 0);
    this.#to.distance = this.homeDistance;
    this.#to.azimuth = nearestTurn(HOME_AZIMUTH, this.pose.azimuth);
    this.#to.polar = HOME_POLAR;
    this.#animate(durationMs, nowMs);
  }

  /** Looks at a place from the same side and distance. */
  lookAt(place: Readonly<Vector3>, durationMs: number, nowMs: number): void {
    this.isHome = false;
    copyPose(this.#to, this.pose);
    this.#to.target.copy(place);
    this.#animate(durationMs, nowMs);
  }

  /** Goes on with a movement; false once nothing moves. */
  advance(nowMs: number): boolean {
    if (this.#durationMs === 0) return false;
    const part = ease((nowMs - this.#startMs) / this.#durationMs);
    if (part >= 1) this.#durationMs = 0;
    const { pose } = this;
    pose.target.lerpVectors(this.#from.target, this.#to.target, part);
    // Distances are ratios: halfway between 1 and 4 is 2.
    pose.distance = this.#from.distance * (this.#to.distance / this.#from.distance) ** part;
    pose.azimuth = MathUtils.lerp(this.#from.azimuth, this.#to.azimuth, part);
    pose.polar = MathUtils.lerp(this.#from.polar, this.#to.polar, part);
    this.#apply();
    return this.isMoving;
  }

  /**
   * Where a place is on the screen.
   *
   * @param out - x and y in pixels from the upper left, z the depth; behind the camera it is not positive
   */
  project(x: number, y: number, z: number, out: Vector3): Vector3 {
    const m = this.viewProjection.elements;
    const depth = m[3] * x + m[7] * y + m[11] * z + m[15];
    const right = (m[0] * x + m[4] * y + m[8] * z + m[12]) / depth;
    const up = (m[1] * x + m[5] * y + m[9] * z + m[13]) / depth;
    return out.set(((right + 1) / 2) * this.width, ((1 - up) / 2) * this.height, depth);
  }

  /** The place under a pixel, on the plane through `through` that faces the camera. */
  placeAt(x: number, y: number, through: Readonly<Vector3>, out: Vector3): Vector3 {
    const { x: tx, y: ty, z: tz } = through;
    const at = this.project(tx, ty, tz, out);
    const units = at.z / this.focalPx;
    const dx = (x - at.x) * units;
    const dy = (at.y - y) * units;
    return out.set(tx, ty, tz).addScaledVector(this.right, dx).addScaledVector(this.up, dy);
  }

  #animate(durationMs: number, nowMs: number): void {
    if (durationMs <= 0) {
      copyPose(this.pose, this.#to);
      this.#durationMs = 0;
      this.#apply();
      return;
    }
    copyPose(this.#from, this.pose);
    this.#startMs = nowMs;
    this.#durationMs = durationMs;
  }

  /** A person's own movement ends one under way. */
  #change(): void {
    this.isHome = false;
    this.#durationMs = 0;
    this.#apply();
  }

  #apply(): void {
    const { camera, pose } = this;
    const sin = Math.sin(pose.polar);
    camera.position
      .set(sin * Math.sin(pose.azimuth), Math.cos(pose.polar), sin * Math.cos(pose.azimuth))
      .multiplyScalar(pose.distance)
      .add(pose.target);
    camera.lookAt(pose.target);
    camera.aspect = this.width / this.height;
    camera.near = pose.distance / 100;
    camera.far = pose.distance * 4 + this.radius * 8;
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    this.viewProjection.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.right.setFromMatrixColumn(camera.matrixWorld, 0);
    this.up.setFromMatrixColumn(camera.matrixWorld, 1);
    this.version += 1;
  }
}

function copyPose(to: Pose, from: Pose): void {
  to.target.copy(from.target);
  to.distance = from.distance;
  to.azimuth = from.azimuth;
  to.polar = from.polar;
}

/** The same angle, at most half a turn away from `from`. */
function nearestTurn(angle: number, from: number): number {
  return angle + Math.round((from - angle) / (2 * Math.PI)) * 2 * Math.PI;
}
