import { Scene, Vector3, WebGLRenderer } from 'three';
import type { FaceImage } from '../components/face.ts';
import type { Palette } from '../theme/tokens.ts';
import { SceneAxes } from './axes.ts';
import { boundsOf } from './bounds.ts';
import { CameraControls } from './camera-controls.ts';
import { CameraView } from './camera-view.ts';
import { dotSize } from './dot-size.ts';
import { FacesLayer } from './faces-layer.ts';
import { LabelPainter } from './labels.ts';
import { LatentPath, paintRing, type LatentPathData } from './latent-path.ts';
import { Pointing, type Pixel } from './pointing.ts';
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

/** Faces fill gaps when the camera has stood still for so long. */
const SETTLED_MS = 120;
/** How much dots are faded while faces lie over them. */
const FADE_BEHIND_FACES = 0.55;
/** A point that comes nearer grows up to this many times its size in the first view, and to no more pixels. */
const NEAREST_GROWTH = 1.8;
const LEAST_NEAREST_PX = 9;
const MOST_NEAREST_PX = 20;
/** What is to be seen must be so far from the edge. */
const REVEAL_MARGIN_PX = 24;

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
  readonly #pointing: Pointing;
  readonly #scratch = new Vector3();
  #palette: Palette;
  #pixelRatio = 1;
  #scale = 1;
  #frame: number | undefined;
  #arePointsStale = true;
  #showsFaces = false;
  #covered: readonly Box[] = [];
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
    this.#pointing = new Pointing({
      view: this.view,
      cloud: this.#cloud,
      screen: this.#screen,
      faces: this.#faces,
      path: this.#path,
    });
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
    this.#axes.setBounds(this.view.bounds, false);
  }

  /** The point under the pointer. */
  get hovered(): number | undefined {
    return this.#pointing.hovered;
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
    if (this.view.isFitted) this.view.fit(0, 0);
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

  /** @param scale - how much larger names and dots are than usual, for people who are far from the screen */
  setScale(scale: number): void {
    this.#scale = scale;
    this.#labels.setScale(scale);
    this.#requestPoints();
  }

  /**
   * Puts the points on their places. As many as before glide there, and a camera that nobody has moved sees to it that
   * all are shown; another number takes their place, and the camera is fitted to them.
   *
   * @param positions - `[points, 3]`, copied
   */
  setPositions(positions: Float32Array, { animateMs = 0 }: { readonly animateMs?: number } = {}): void {
    const isOther = positions.length !== this.#cloud.positions.length;
    if (isOther) {
      this.#pointing.hovered = undefined;
      this.#faces.clear();
    }
    this.#cloud.setPositions(positions, animateMs, performance.now());
    this.view.setBounds(boundsOf(positions));
    this.#axes.setBounds(this.view.bounds, this.view.isFlat);
    if (isOther || this.view.isFitted) this.view.fit(isOther ? 0 : animateMs, performance.now());
    this.#moved();
  }

  /** The points are other images' than before, as many as they may be. */
  forgetThumbnails(): void {
    this.#faces.clear();
    this.#pointing.hovered = undefined;
    this.#unsettle();
  }

  /** @param colours - `[points, 4]`, red, green, blue, and 0 for a hidden point; copied */
  setColours(colours: Uint8Array): void {
    this.#cloud.setColours(colours);
    this.#unsettle();
    this.#requestPoints();
    this.#updateHover();
  }

  /** Names of the axes that are seen, two or three; none hides them. */
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
    this.#showsFaces = this.#pointing.hasFaces = shown;
    this.#cloud.setFade(shown ? FADE_BEHIND_FACES : 0);
    this.#unsettle();
    this.#requestPoints();
  }

  addThumbnails(points: readonly number[], images: readonly FaceImage[]): void {
    if (this.#isDisposed) return;
    this.#faces.add(points, images);
    this.#requestMarks();
  }

  /** Parts of the picture that lie under something else, where faces and names would be half hidden. */
  setCovered(boxes: readonly Box[]): void {
    this.#covered = boxes;
    this.#faces.setCovered(boxes);
    this.#requestMarks();
  }

  /** The plane of the first two axes, seen flat, or all three. Another view shows all points again. */
  setFlat(isFlat: boolean, durationMs: number): void {
    if (isFlat === this.view.isFlat) return;
    this.view.setFlat(isFlat, this.#hasView ? durationMs : 0, performance.now());
    this.#axes.setBounds(this.view.bounds, isFlat);
    this.#moved();
  }

  /** Shows all points, from the side that one begins at. */
  fit(durationMs: number): void {
    this.view.fit(durationMs, performance.now());
    this.#moved();
  }

  /** Brings a place into the picture where it is outside of it; of a picture without a size nothing is. */
  reveal(place: readonly [number, number, number], durationMs: number): void {
    if (!this.#hasView || this.#pointing.isSeen(place, REVEAL_MARGIN_PX)) return;
    this.view.lookAt(this.#scratch.set(place[0], place[1], place[2]), durationMs, performance.now());
    this.#moved();
  }

  /** The point that is meant at a pixel. */
  pick(x: number, y: number): number | undefined {
    return this.#pointing.pick(x, y);
  }

  /**
   * The nearest point in a direction of the screen.
   *
   * @param from - a point; without one the live code is where one stands
   */
  neighbour(from: number | undefined, right: number, down: number): number | undefined {
    return this.#pointing.neighbour(from, right, down);
  }

  /** Where a point is on the screen, hidden or not. */
  pixelOf(point: number): Pixel | undefined {
    return this.#pointing.pixelOf(point);
  }

  get livePixel(): Pixel | undefined {
    return this.#pointing.livePixel;
  }

  get pinnedPixel(): Pixel | undefined {
    return this.#pointing.pinnedPixel;
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
    this.#sizeDots();
    // A flat view shows two axes: nothing lies before or behind another.
    this.#scene.scale.z = view.isOrthographic ? 0 : 1;
    this.#cloud.follow(view, this.#pixelRatio);
    this.#axes.lines.follow(width, height, this.#pixelRatio, view.nearest);
    this.#rings.lines.follow(width, height, this.#pixelRatio, view.nearest);
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
    this.#axes.paintLabels(this.#labels, this.view, this.#covered);
    this.#paintHovered(context);
    this.#path.paint(context, this.#labels, this.view, this.#palette);
  }

  #paintHovered(context: CanvasRenderingContext2D): void {
    const { hovered } = this;
    const at = hovered === undefined ? undefined : this.pixelOf(hovered);
    if (hovered === undefined || !at) return;
    paintRing(context, at.x, at.y, this.#colourOf(hovered), this.#palette.ink2, this.#palette.canvas);
  }

  readonly #colourOf = (point: number): string => {
    const { colours } = this.#cloud;
    const at = point * 4;
    return `rgb(${colours[at]!}, ${colours[at + 1]!}, ${colours[at + 2]!})`;
  };

  /** Fewer points are larger; all of them grow a little as one comes nearer. */
  #sizeDots(): void {
    const { width, height, pose, fittedDistance } = this.view;
    const dot = dotSize(this.#cloud.count, width, height) * Math.sqrt(this.#scale);
    this.#cloud.diameterPx = dot * (fittedDistance / pose.distance) ** 0.4;
    this.#cloud.largestPx = Math.min(MOST_NEAREST_PX, Math.max(LEAST_NEAREST_PX, NEAREST_GROWTH * dot));
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
    this.#pointing.pointer = pointer;
    this.#requestMarks();
  }

  /** At most once a frame; the camera moves under a pointer at rest, too. */
  #updateHover(): void {
    if (!this.#pointing.updateHovered(this.controls.isDragging)) return;
    this.#listeners.onHover?.(this.hovered);
    this.#requestMarks();
  }

  #click(x: number, y: number): void {
    const point = this.pick(x, y);
    if (point === undefined) this.#listeners.onPlace?.(this.#pointing.placeAt(x, y));
    else this.#listeners.onPick?.(point);
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
