/** The accessible name of the face that follows clicks and sliders. */
const LIVE_FACE = '[aria-label="Decoded from the live code"]';

/** The measurements of a drag: its duration and how often the live face was painted. */
interface Drag {
  readonly ms: number;
  readonly painted: number;
  /** Number of pointer moves that the page received. */
  readonly moves: number;
}

type PutImage = (this: CanvasRenderingContext2D, image: ImageData, x: number, y: number) => void;

/**
 * Observes in the app's page when pixels are painted. It is loaded before the app's own scripts and wraps the two
 * functions that draw pixels: `putImageData` for faces, `drawArrays` for points. It reads nothing back from canvases
 * meanwhile, because that would slow down the page. Times are those of the page's clock.
 */
class Probe {
  #paintedCount = 0;
  #isPainting = false;
  #pixels: ImageData['data'] = new Uint8ClampedArray(0);
  #paintedListeners: ((atMs: number) => void)[] = [];
  readonly #pointsMs: Promise<number>;
  readonly #faceMs: Promise<number>;

  constructor() {
    this.#faceMs = new Promise((resolve) => this.#paintedListeners.push(resolve));
    this.#pointsMs = this.#firstPoints();
    this.#watchFaces();
  }

  /** Time from the start of the navigation until points and a face are on the screen. */
  async firstPicture(): Promise<number> {
    return Math.max(...(await Promise.all([this.#pointsMs, this.#faceMs])));
  }

  /** Time from the next press of the pointer, by its event's timestamp, until the live face has changed. */
  nextClick(): Promise<number> {
    return new Promise((resolve) => {
      this.#listen('pointerdown', ({ timeStamp }) => {
        this.#paintedListeners.push((atMs) => resolve(atMs - timeStamp));
      });
    });
  }

  /** Measures from the next press of the pointer until its release. */
  nextDrag(): Promise<Drag> {
    return new Promise((resolve) => {
      this.#listen('pointerdown', ({ timeStamp: startMs }) => {
        const before = this.#paintedCount;
        let moves = 0;
        const count = (): number => moves++;
        addEventListener('pointermove', count, { capture: true });
        this.#listen('pointerup', ({ timeStamp }) => {
          removeEventListener('pointermove', count, { capture: true });
          resolve({ ms: timeStamp - startMs, painted: this.#paintedCount - before, moves });
        });
      });
    });
  }

  /** The pixels of the live face on its canvas, RGB. */
  livePixels(): number[] {
    const canvas = document.querySelector<HTMLCanvasElement>(`${LIVE_FACE} canvas`);
    if (!canvas) return [];
    const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, i) => i % 4 !== 3);
  }

  #listen(type: 'pointerdown' | 'pointerup', listener: (event: PointerEvent) => void): void {
    addEventListener(type, listener, { capture: true, once: true });
  }

  #firstPoints(): Promise<number> {
    return new Promise((resolve) => {
      const { prototype } = WebGL2RenderingContext;
      const original = Object.getOwnPropertyDescriptor(prototype, 'drawArrays')!;
      const draw = original.value as WebGL2RenderingContext['drawArrays'];
      prototype.drawArrays = function (mode, first, count) {
        draw.call(this, mode, first, count);
        if (mode !== this.POINTS || count < 2) return;
        Object.defineProperty(prototype, 'drawArrays', original);
        afterPainting(resolve);
      };
    });
  }

  #watchFaces(): void {
    const { prototype } = CanvasRenderingContext2D;
    const put = Object.getOwnPropertyDescriptor(prototype, 'putImageData')!.value as PutImage;
    const hear = (canvas: HTMLCanvasElement, { data }: ImageData): void => {
      if (canvas.closest(LIVE_FACE)) this.#put(data);
    };
    const putAndHear: PutImage = function (...call) {
      put.apply(this, call);
      hear(this.canvas, call[0]);
    };
    Object.assign(prototype, { putImageData: putAndHear });
  }

  /** Counts frames, not calls, because of two faces drawn in one frame only the second is visible. */
  #put(pixels: ImageData['data']): void {
    if (isSame(pixels, this.#pixels)) return;
    this.#pixels = pixels;
    if (this.#isPainting) return;
    this.#isPainting = true;
    const hears = this.#paintedListeners.splice(0);
    requestAnimationFrame(() => {
      this.#isPainting = false;
      this.#paintedCount += 1;
    });
    afterPainting((atMs) => {
      for (const hear of hears) hear(atMs);
    });
  }
}

/** Calls back at the beginning of the next frame, when the current one has been painted. */
function afterPainting(call: (atMs: number) => void): void {
  requestAnimationFrame(() => requestAnimationFrame(() => call(performance.now())));
}

function isSame(a: ImageData['data'], b: ImageData['data']): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

Object.assign(globalThis, { probe: new Probe() });
