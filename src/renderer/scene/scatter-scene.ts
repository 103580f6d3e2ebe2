import { Scene, Vector3, WebGLRenderer } from 'three';
import type { FaceImage } from '../components/face.ts';
import type { Palette } from '../theme/tokens.ts';
import { SceneAxes } from './axes.ts';
import { CameraControls } from './camera-controls.ts';
import { CameraView } from './camera-view.ts';
import { FacesLayer } from './faces-layer.ts';
import { LabelPainter } from './labels.ts';
import { LatentPath, paintRing, type LatentPathData } from './latent-path.ts';
import { neighbourTowards, pick } from './picking.ts';
import { PointCloud } from './points.ts';
import { PriorRings } from './prior-rings.ts';
import { ScreenPoints } from './screen-points.ts';
import type { Box } from './thinning.ts';

/** What the scene tells its owner. Points are named by their index in the positions. */
export interface SceneListeners {
  /** Another point is under the pointer; undefined where none is. */
  onHover?(point: number | undefined): void;
  onPick?(point: number): void;
  /** A click beside all points: the place on the plane through the live code that faces the camera. */
  onPlace?(place: [number, number, number]): void;
  /** A double click; its first click was heard as `onPick` or `onPlace`. */
  onDoubleClick?(): void;
  /** Images of these points are needed; {@link ScatterScene.addThumbnails} takes them. */
  onMissingThumbnails?(points: number[]): void;
  /** A frame was drawn: what follows the points on the page may be placed anew. */
  onFrame?(): void;
}

export interface ScatterSceneOptions {
  /** Where the points are drawn, by WebGL. */
  readonly canvas: HTMLCanvasElement;
  /** Lies exactly over it and takes no clicks: names, latent path and faces. */
  readonly overlay: HTMLCanvasElement;
  readonly palette: Palette;
  readonly listeners?: SceneListeners;
}

/** A pixel of the picture, from its upper left. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** Faces fill gaps when the camera has stood still for so long. */
const SETTLED_MS = 120;
/** How much dots are faded while faces lie over them. */
const FADE_BEHIND_FACES = 0.55;
/** Points closer than this share their room: diameters are this part of the mean distance between them. */
const CROWDED = 0.45;
const SMALLEST_DOT_PX = 2.2;
const LARGEST_DOT_PX = 5;
/** Of the points, how many the first view must show. */
const SHOWN_PART = 0.985;
const SPREAD_SAMPLE = 5000;
/** Axes end inside the first view, so that their names are seen. */
const AXIS_PART = 0.82;

/**
 * The scatter of latent codes. Two canvases: points, axes and the prior's rings in WebGL; over them names, latent path
 * and faces. Draws only when something has changed, and the upper canvas alone when only that has.
 *
 * Its owner gives sizes, positions, colours and what is pinned, and hears what is pointed at. {@link dispose} it.
 */
export class ScatterScene {
  readonly view = new CameraView();
  readonly controls: CameraControls;
  readonly #canvas: HTMLCanvasElement;
  readonly #overlay: HTMLCanvasElement;
  readonly #listeners: SceneListeners;
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #cloud = new PointCloud();
  readonly #axes = new SceneAxes();
  readonly #rings = new PriorRings();
  readonly #path = new LatentPath();
  readonly #screen = new ScreenPoints();
  readonly #faces: FacesLayer;
  readonly #context: CanvasRenderingContext2D;
  readonly #labels: LabelPainter;
  readonly #abort = new AbortController();
  readonly #scratch = new Vector3();
  readonly #through = new Vector3();
  #palette: Palette;
  #pixelRatio = 1;
  #frame: number | undefined;
  #arePointsStale = true;
  #hovered: number | undefined;
  #pointer: Pixel | undefined;
  #showsFaces = false;
  #settle: ReturnType<typeof setTimeout> | undefined;
  #isSettled = true;
  #isLost = false;
  #isDisposed = false;
  #hasView = false;

  /** @throws Error where WebGL 2 cannot be had */
  constructor({ canvas, overlay, palette, listeners = {} }: ScatterSceneOptions) {
    const context = overlay.getContext('2d');
    if (!context) throw new Error('The browser gives no canvas to draw on.');
    this.#canvas = canvas;
    this.#overlay = overlay;
    this.#listeners = listeners;
    this.#context = context;
    this.#palette = palette;
    this.#labels = new LabelPainter(context, palette);
    this.#renderer = new WebGLRenderer({ canvas, antialias: false, alpha: false, stencil: false });
    this.#faces = new FacesLayer((points) => listeners.onMissingThumbnails?.(points));
    this.#scene.add(this.#axes.object, this.#rings.object, this.#cloud.object);
    this.controls = new CameraControls(canvas, this.view, {
      onMove: () => this.#moved(),
      onHover: (x, y) => this.#point({ x, y }),
      onLeave: () => this.#point(undefined),
      onClick: (x, y) => this.#click(x, y),
      onDoubleClick: () => listeners.onDoubleClick?.(),
    });
    const { signal } = this.#abort;
    canvas.addEventListener('webglcontextlost', (event) => this.#lose(event), { signal });
    canvas.addEventListener('webglcontextrestored', () => this.#restore(), { signal });
    this.setPalette(palette);
    this.#axes.setExtent(1);
  }

  /** The point under the pointer. */
  get hovered(): number | undefined {
    return this.#hovered;
  }

  get pointCount(): number {
    return this.#cloud.count;
  }

  /** @param width - of both canvases on the page, pixels of the page */
  setSize(width: number, height: number, pixelRatio: number): void {
    if (this.#isDisposed || width <= 0 || height <= 0) return;
    this.#pixelRatio = Math.min(pixelRatio, 2);
    this.view.resize(width, height);
    this.#renderer.setPixelRatio(this.#pixelRatio);
    this.#renderer.setSize(width, height, false);
    this.#overlay.width = Math.round(width * this.#pixelRatio);
    this.#overlay.height = Math.round(height * this.#pixelRatio);
    if (this.view.isHome) this.view.goHome(0, 0);
    this.#hasView = true;
    this.#unsettle();
    // At once: a resized canvas is empty until it is drawn.
    this.drawNow();
  }

  setPalette(palette: Palette): void {
    this.#palette = palette;
    this.#labels.setPalette(palette);
    this.#renderer.setClearColor(palette.canvas);
    this.#cloud.setGround(palette.canvas);
    this.#axes.lines.setColour(palette.line2);
    this.#rings.lines.setColour(palette.line);
    this.#requestPoints();
  }

  /**
   * Puts the points on their places. As many as before glide there, and a camera that nobody has moved sees to it that
   * all are shown; another number takes their place, and the camera goes home.
   *
   * @param positions - `[points, 3]`, copied
   */
  setPositions(positions: Float32Array, { animateMs = 0 }: { readonly animateMs?: number } = {}): void {
    const isOther = positions.length !== this.#cloud.positions.length;
    if (isOther) {
      this.#hovered = undefined;
      this.#faces.clear();
    }
    this.#cloud.setPositions(positions, animateMs, performance.now());
    const radius = spread(positions);
    this.#axes.setExtent(radius * AXIS_PART);
    this.view.setRadius(radius);
    if (isOther || this.view.isHome) this.view.goHome(isOther ? 0 : animateMs, performance.now());
    this.#moved();
  }

  /** The points are other images' than before, as many as they may be. */
  forgetThumbnails(): void {
    this.#faces.clear();
    this.#hovered = undefined;
    this.#unsettle();
  }

  /** @param colours - `[points, 4]`, red, green, blue, and 0 for a hidden point; copied */
  setColours(colours: Uint8Array): void {
    this.#cloud.setColours(colours);
    this.#unsettle();
    this.#requestPoints();
    this.#updateHover();
  }

  /** Names of the three axes; none hides them. */
  setAxes(labels: readonly string[]): void {
    this.#axes.setLabels(labels);
    this.#requestPoints();
  }

  /** @param centre - where the prior's middle lies; undefined where there is no prior */
  setPrior(centre: readonly [number, number, number] | undefined): void {
    this.#rings.setCentre(centre);
    this.#requestPoints();
  }

  setPath(data: LatentPathData): void {
    this.#path.set(data);
    this.#requestMarks();
  }

  /** Faces over the dots, or dots alone. */
  showFaces(shown: boolean): void {
    this.#showsFaces = shown;
    this.#cloud.setFade(shown ? FADE_BEHIND_FACES : 0);
    this.#unsettle();
    this.#requestPoints();
  }

  addThumbnails(points: readonly number[], images: readonly FaceImage[]): void {
    if (this.#isDisposed) return;
    this.#faces.add(points, images);
    this.#requestMarks();
  }

  /** Parts of the picture that lie under something else, where faces would be half hidden. */
  setCovered(boxes: readonly Box[]): void {
    this.#faces.setCovered(boxes);
    this.#requestMarks();
  }

  goHome(durationMs: number): void {
    this.view.goHome(durationMs, performance.now());
    this.#moved();
  }

  /** Brings a place into the picture where it is outside of it; of a picture without a size nothing is. */
  reveal(place: readonly [number, number, number], durationMs: number): void {
    if (!this.#hasView) return;
    const at = this.view.project(place[0], place[1], place[2], this.#scratch);
    const margin = 24;
    const isSeen =
      at.z > this.view.camera.near &&
      at.x > margin &&
      at.y > margin &&
      at.x < this.view.width - margin &&
      at.y < this.view.height - margin;
    if (isSeen) return;
    this.view.lookAt(this.#scratch.set(place[0], place[1], place[2]), durationMs, performance.now());
    this.#moved();
  }

  /** The point that is meant at a pixel. */
  pick(x: number, y: number): number | undefined {
    this.#screen.update(this.#cloud, this.view);
    const tile = this.#showsFaces ? this.#faces.tileAt(this.#screen, x, y) : -1;
    const point = tile >= 0 ? tile : pick(this.#screen, x, y);
    return point >= 0 ? point : undefined;
  }

  /**
   * The nearest point in a direction of the screen.
   *
   * @param from - a point; without one the live code is where one stands
   */
  neighbour(from: number | undefined, right: number, down: number): number | undefined {
    this.#screen.update(this.#cloud, this.view);
    const start = from === undefined ? this.livePixel : this.pixelOf(from);
    if (!start) return undefined;
    const { x, y } = start;
    const point = neighbourTowards(
      this.#screen,
      from === undefined ? { x, y } : { x, y, index: from },
      right,
      down,
    );
    return point >= 0 ? point : undefined;
  }

  /** Where a point is on the screen, hidden or not. */
  pixelOf(point: number): Pixel | undefined {
    const { positions } = this.#cloud;
    const at = point * 3;
    if (at + 2 >= positions.length) return undefined;
    const { x, y, z } = this.view.project(
      positions[at]!,
      positions[at + 1]!,
      positions[at + 2]!,
      this.#scratch,
    );
    return z > this.view.camera.near ? { x, y } : undefined;
  }

  get livePixel(): Pixel | undefined {
    const at = this.#path.livePlace(this.view, this.#scratch);
    return at && at.z > this.view.camera.near ? { x: at.x, y: at.y } : undefined;
  }

  get pinnedPixel(): Pixel | undefined {
    const at = this.#path.pinnedPlace(this.view, this.#scratch);
    return at && at.z > this.view.camera.near ? { x: at.x, y: at.y } : undefined;
  }

  /** Draws everything, at once. */
  drawNow(): void {
    this.#arePointsStale = true;
    this.#draw(performance.now());
  }

  /** Frees everything; a second call does nothing. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#abort.abort();
    clearTimeout(this.#settle);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.controls.dispose();
    this.#cloud.dispose();
    this.#axes.dispose();
    this.#rings.dispose();
    this.#faces.dispose();
    this.#renderer.dispose();
  }

  #requestPoints(): void {
    this.#arePointsStale = true;
    this.#requestMarks();
  }

  #requestMarks(): void {
    if (this.#isDisposed) return;
    this.#frame ??= requestAnimationFrame((nowMs) => {
      this.#frame = undefined;
      this.#draw(nowMs);
    });
  }

  #draw(nowMs: number): void {
    if (this.#isLost || this.#isDisposed || !this.#hasView) return;
    const isViewMoving = this.view.isMoving;
    if (isViewMoving) this.view.advance(nowMs);
    const arePointsMoving = this.#cloud.advance(nowMs);
    if (isViewMoving || arePointsMoving) {
      this.#unsettle();
      this.#arePointsStale = true;
    }
    if (this.#arePointsStale) this.#drawPoints();
    this.#updateHover();
    this.#drawMarks();
    this.#listeners.onFrame?.();
    if (this.view.isMoving || arePointsMoving) this.#requestPoints();
  }

  #drawPoints(): void {
    this.#arePointsStale = false;
    const { view } = this;
    const { width, height } = this.#canvas;
    this.#cloud.diameterPx = this.#dotPx();
    this.#cloud.follow(view, this.#pixelRatio);
    this.#axes.lines.follow(width, height, this.#pixelRatio, view.camera.near);
    this.#rings.lines.follow(width, height, this.#pixelRatio, view.camera.near);
    this.#rings.face(view);
    this.#renderer.render(this.#scene, view.camera);
  }

  #drawMarks(): void {
    const context = this.#context;
    context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    context.clearRect(0, 0, this.view.width, this.view.height);
    this.#rings.paintLabels(this.#labels, this.view);
    if (this.#showsFaces) {
      this.#screen.update(this.#cloud, this.view);
      this.#faces.arrange(this.#screen, this.view.width, this.view.height, this.#isSettled);
      this.#faces.paint(context, this.#screen, this.#palette, this.#colourOf, this.#pixelRatio);
    }
    this.#axes.paintLabels(this.#labels, this.view);
    this.#paintHovered(context);
    this.#path.paint(context, this.#labels, this.view, this.#palette);
  }

  #paintHovered(context: CanvasRenderingContext2D): void {
    if (this.#hovered === undefined) return;
    const at = this.pixelOf(this.#hovered);
    if (!at) return;
    paintRing(context, at.x, at.y, this.#colourOf(this.#hovered), this.#palette.ink2, this.#palette.canvas);
  }

  readonly #colourOf = (point: number): string => {
    const { colours } = this.#cloud;
    const at = point * 4;
    return `rgb(${colours[at]!}, ${colours[at + 1]!}, ${colours[at + 2]!})`;
  };

  /** Fewer points are larger; all of them grow a little as one comes nearer. */
  #dotPx(): number {
    const { width, height, pose } = this.view;
    const apart = Math.sqrt((width * height) / Math.max(1, this.#cloud.count));
    const dot = Math.min(LARGEST_DOT_PX, Math.max(SMALLEST_DOT_PX, CROWDED * apart));
    return dot * (this.view.homeDistance / pose.distance) ** 0.4;
  }

  #moved(): void {
    this.#unsettle();
    this.#requestPoints();
  }

  /** Something moves: gaps between faces are filled when it has stopped. */
  #unsettle(): void {
    if (!this.#showsFaces) return;
    this.#isSettled = false;
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.#isSettled = true;
      this.#requestMarks();
    }, SETTLED_MS);
  }

  #point(pointer: Pixel | undefined): void {
    this.#pointer = pointer;
    this.#requestMarks();
  }

  /** At most once a frame; the camera moves under a pointer at rest, too. */
  #updateHover(): void {
    const { x, y } = this.#pointer ?? { x: 0, y: 0 };
    const hovered = this.#pointer && !this.controls.isDragging ? this.pick(x, y) : undefined;
    if (hovered === this.#hovered) return;
    this.#hovered = hovered;
    this.#listeners.onHover?.(hovered);
    this.#requestMarks();
  }

  #click(x: number, y: number): void {
    const point = this.pick(x, y);
    if (point !== undefined) {
      this.#listeners.onPick?.(point);
      return;
    }
    // A live code behind the camera has no plane under the pointer.
    const through = this.livePixel ? this.#path.livePosition(this.#through) : this.view.pose.target;
    const place = this.view.placeAt(x, y, through, this.#scratch);
    this.#listeners.onPlace?.([place.x, place.y, place.z]);
  }

  #lose(event: Event): void {
    // Without this the browser never gives the context back.
    event.preventDefault();
    this.#isLost = true;
  }

  #restore(): void {
    this.#isLost = false;
    this.#requestPoints();
  }
}

/** From the middle to all but the furthest points. */
function spread(positions: Float32Array): number {
  const count = positions.length / 3;
  if (count === 0) return 1;
  const step = Math.max(1, Math.floor(count / SPREAD_SAMPLE));
  const distances: number[] = [];
  for (let i = 0; i < count; i += step) {
    distances.push(Math.hypot(positions[i * 3]!, positions[i * 3 + 1]!, positions[i * 3 + 2]!));
  }
  distances.sort((a, b) => a - b);
  const furthest = distances[Math.min(distances.length - 1, Math.floor(distances.length * SHOWN_PART))]!;
  return furthest > 0 ? furthest : 1;
}
