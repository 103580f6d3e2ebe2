import { MathUtils, Matrix4, OrthographicCamera, PerspectiveCamera, Vector3 } from 'three';
import { UNIT_BOUNDS, type Bounds } from './bounds.ts';
import { ease } from './easing.ts';
import { copyPose, FLAT, FROM_THE_SIDE, makePose, mixPoses, nearestTurn, type Pose } from './pose.ts';

/** Narrow, so that near and far points differ little in place and the rings of the prior fit the cloud. */
const FIELD_OF_VIEW = 30;
const HALF_VIEW = Math.tan(MathUtils.degToRad(FIELD_OF_VIEW / 2));
const NEAREST_POLE = 0.02;
/** Of the flat picture, the part that the points fill: at its edge stand the axes' names. */
const FLAT_PART = 0.88;
/** The flat camera sees the plane of the first two axes from here. */
const FLAT_DEPTH = 1;

/**
 * The camera as a person moves it, in pixels of the page: turns, shifts, comes nearer to what is under the pointer.
 * Everything is exact on the plane through the target that faces the camera. A flat view shows the plane of the first
 * two axes by an orthographic camera, which does not turn.
 */
export class CameraView {
  readonly pose: Pose = makePose();
  /** Unit vectors of the screen in the scene. */
  readonly right = new Vector3();
  readonly up = new Vector3();
  readonly viewProjection = new Matrix4();
  width = 1;
  height = 1;
  /** Grows with every change. */
  version = 0;
  bounds: Bounds = UNIT_BOUNDS;
  /** True until somebody looks elsewhere. */
  isFitted = true;
  #isFlat = false;
  readonly #perspective = new PerspectiveCamera(FIELD_OF_VIEW);
  readonly #orthographic = new OrthographicCamera(-1, 1, 1, -1, 0, 2 * FLAT_DEPTH);
  readonly #from: Pose = makePose();
  readonly #to: Pose = makePose();
  #startMs = 0;
  #durationMs = 0;
  readonly #scratch = new Vector3();

  constructor() {
    this.#apply();
  }

  /** Whether the view is flat, or on its way to be. */
  get isFlat(): boolean {
    return this.#isFlat;
  }

  /** Whether the picture has no depth now; then the third axis is not seen. */
  get isOrthographic(): boolean {
    return this.pose.perspective <= 0;
  }

  get camera(): PerspectiveCamera | OrthographicCamera {
    return this.isOrthographic ? this.#orthographic : this.#perspective;
  }

  /** The depth of the target; of everything where there is no depth. */
  get depth(): number {
    return this.isOrthographic ? FLAT_DEPTH : this.pose.distance / this.pose.perspective;
  }

  /** What is not further away than this lies behind the camera, or too near to it. */
  get nearest(): number {
    return this.isOrthographic ? FLAT_DEPTH / 2 : this.#perspective.near;
  }

  /** Pixels of one unit at depth one: a unit at `depth` is `focalPx / depth` wide. */
  get focalPx(): number {
    return (this.height / 2 / HALF_VIEW / this.pose.distance) * this.depth;
  }

  get isMoving(): boolean {
    return this.#durationMs > 0;
  }

  resize(width: number, height: number): void {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.#apply();
  }

  /** So far away that the points fill the view: a sphere round them, or the rectangle round a flat view's. */
  get fittedDistance(): number {
    const { radius, half } = this.bounds;
    const aspect = this.width / this.height;
    if (!this.#isFlat) return radius / Math.sin(Math.atan(HALF_VIEW * Math.min(1, aspect)));
    const distance = Math.max(half[0] / aspect, half[1]) / HALF_VIEW / FLAT_PART;
    return distance > 0 ? distance : radius / HALF_VIEW;
  }

  /** Says where the points are; {@link fit} then shows them all. */
  setBounds(bounds: Bounds): void {
    this.bounds = bounds;
    this.#apply();
  }

  /** Shows the plane of the first two axes, or all three, and all points. */
  setFlat(isFlat: boolean, durationMs: number, nowMs: number): void {
    this.#isFlat = isFlat;
    this.fit(durationMs, nowMs);
  }

  /** Turns; a flat view does not. */
  orbit(dx: number, dy: number): void {
    if (this.#isFlat) return;
    const { pose } = this;
    const radiansPerPx = Math.PI / this.height;
    pose.azimuth -= dx * radiansPerPx;
    pose.polar = MathUtils.clamp(pose.polar - dy * radiansPerPx, NEAREST_POLE, Math.PI - NEAREST_POLE);
    this.#change();
  }

  /** What is under the pointer goes along with it. */
  pan(dx: number, dy: number): void {
    const units = this.depth / this.focalPx;
    this.pose.target.addScaledVector(this.right, -dx * units).addScaledVector(this.up, dy * units);
    this.#change();
  }

  /** Comes nearer (`factor` below 1) to the place under the pointer, which stays there. */
  zoom(factor: number, x: number, y: number): void {
    const { pose } = this;
    const { radius } = this.bounds;
    const distance = MathUtils.clamp(pose.distance * factor, radius / 50, radius * 40);
    const under = this.placeAt(x, y, pose.target, this.#scratch);
    pose.target
      .sub(under)
      .multiplyScalar(distance / pose.distance)
      .add(under);
    pose.distance = distance;
    this.#change();
  }

  /** Shows all points, from the side that one begins at. */
  fit(durationMs: number, nowMs: number): void {
    this.isFitted = true;
    const { centre, middle } = this.bounds;
    if (this.#isFlat) this.#to.target.set(middle[0], middle[1], 0);
    else this.#to.target.set(...centre);
    this.#to.distance = this.fittedDistance;
    this.#turnHome(this.#to);
    this.#animate(durationMs, nowMs);
  }

  /** Looks at a place from the same side and distance. */
  lookAt(place: Readonly<Vector3>, durationMs: number, nowMs: number): void {
    this.isFitted = false;
    copyPose(this.#to, this.pose);
    this.#to.target.copy(place);
    this.#keepLens(this.#to);
    this.#animate(durationMs, nowMs);
  }

  /** Goes on with a movement; false once nothing moves. */
  advance(nowMs: number): boolean {
    if (this.#durationMs === 0) return false;
    const part = ease((nowMs - this.#startMs) / this.#durationMs);
    if (part >= 1) {
      this.#durationMs = 0;
      copyPose(this.pose, this.#to);
    } else mixPoses(this.pose, this.#from, this.#to, part);
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
    this.isFitted = false;
    this.#durationMs = 0;
    this.#keepLens(this.pose);
    this.#apply();
  }

  /** A movement between flat and not that is cut short leaves the camera in neither; this makes it what it was to be. */
  #keepLens(pose: Pose): void {
    if (this.#isFlat) this.#turnHome(pose);
    else pose.perspective = FROM_THE_SIDE.perspective;
  }

  #turnHome(pose: Pose): void {
    const home = this.#isFlat ? FLAT : FROM_THE_SIDE;
    pose.azimuth = nearestTurn(home.azimuth, this.pose.azimuth);
    pose.polar = home.polar;
    pose.perspective = home.perspective;
  }

  #apply(): void {
    if (this.isOrthographic) this.#applyFlat();
    else this.#applyPerspective();
    const { camera } = this;
    camera.updateProjectionMatrix();
    camera.updateMatrixWorld();
    this.viewProjection.multiplyMatrices(camera.projectionMatrix, camera.matrixWorldInverse);
    this.right.setFromMatrixColumn(camera.matrixWorld, 0);
    this.up.setFromMatrixColumn(camera.matrixWorld, 1);
    this.version += 1;
  }

  #applyPerspective(): void {
    const { pose, depth } = this;
    const camera = this.#perspective;
    const sin = Math.sin(pose.polar);
    camera.position
      .set(sin * Math.sin(pose.azimuth), Math.cos(pose.polar), sin * Math.cos(pose.azimuth))
      .multiplyScalar(depth)
      .add(pose.target);
    camera.lookAt(pose.target);
    camera.fov = MathUtils.radToDeg(2 * Math.atan(HALF_VIEW * pose.perspective));
    camera.aspect = this.width / this.height;
    camera.near = depth / 100;
    camera.far = depth * 4 + this.bounds.radius * 8;
  }

  /** Straight from the front, without a turn: numbers that are zero are zero. */
  #applyFlat(): void {
    const { pose } = this;
    const camera = this.#orthographic;
    camera.position.set(pose.target.x, pose.target.y, FLAT_DEPTH);
    camera.top = HALF_VIEW * pose.distance;
    camera.bottom = -camera.top;
    camera.right = (camera.top * this.width) / this.height;
    camera.left = -camera.right;
  }
}
