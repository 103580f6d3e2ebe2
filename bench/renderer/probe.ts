/** The face that follows clicks and sliders, as screen readers find it. */
const LIVE_FACE = '[aria-label="Decoded from the live code"]';

/** What a drag did: how long it lasted and how often the live face was painted anew. */
interface Drag {
  readonly ms: number;
  readonly painted: number;
  /** Pointer moves that the page heard. */
  readonly moves: number;
}

type PutImage = (this: CanvasRenderingContext2D, image: ImageData, x: number, y: number) => void;

/**
 * Watches, inside the app's page, when pixels get to the screen. It is put there before the app's own scripts, and
 * listens at the two doors that pixels go through: `putImageData` for faces, `drawArrays` for points. Nothing is read
 * back from canvases meanwhile, which would slow what is measured. Times are the page's own clock.
 */
class Probe {
  #paintedCount = 0;
  #isPainting = false;
  #pixels: ImageData['data'] = new Uint8ClampedArray(0);
  #hearsPainted: ((atMs: number) => void)[] = [];
  readonly #pointsMs: Promise<number>;
  readonly #faceMs: Promise<number>;

  constructor() {
    this.#faceMs = new Promise((resolve) => this.#hearsPainted.push(resolve));
    this.#pointsMs = this.#firstPoints();
    this.#watchFaces();
  }

  /** From the start of the navigation until both points and a face are on the screen. */
  async firstPicture(): Promise<number> {
    return Math.max(...(await Promise.all([this.#pointsMs, this.#faceMs])));
  }

  /** From the next press of the pointer, as the browser took it, until the live face has other pixels. */
  nextClick(): Promise<number> {
    return new Promise((resolve) => {
      this.#hear('pointerdown', ({ timeStamp }) => {
        this.#hearsPainted.push((atMs) => resolve(atMs - timeStamp));
      });
    });
  }

  /** From the next press of the pointer until it is let go. */
  nextDrag(): Promise<Drag> {
    return new Promise((resolve) => {
      this.#hear('pointerdown', ({ timeStamp: startMs }) => {
        const before = this.#paintedCount;
        let moves = 0;
        const count = (): number => moves++;
        addEventListener('pointermove', count, { capture: true });
        this.#hear('pointerup', ({ timeStamp }) => {
          removeEventListener('pointermove', count, { capture: true });
          resolve({ ms: timeStamp - startMs, painted: this.#paintedCount - before, moves });
        });
      });
    });
  }

  /** The live face as it stands on its canvas, RGB. */
  livePixels(): number[] {
    const canvas = document.querySelector<HTMLCanvasElement>(`${LIVE_FACE} canvas`);
    if (!canvas) return [];
    const context = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, i) => i % 4 !== 3);
  }

  #hear(type: 'pointerdown' | 'pointerup', listener: (event: PointerEvent) => void): void {
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

  /** Counts frames, not calls: of two faces put in one frame only the second is ever seen. */
  #put(pixels: ImageData['data']): void {
    if (isSame(pixels, this.#pixels)) return;
    this.#pixels = pixels;
    if (this.#isPainting) return;
    this.#isPainting = true;
    const hears = this.#hearsPainted.splice(0);
    requestAnimationFrame(() => {
      this.#isPainting = false;
      this.#paintedCount += 1;
    });
    afterPainting((atMs) => {
      for (const hear of hears) hear(atMs);
    });
  }
}

/** Calls when the frame that shows what has been drawn just now is done: as the next one begins. */
function afterPainting(call: (atMs: number) => void): void {
  requestAnimationFrame(() => requestAnimationFrame(() => call(performance.now())));
}

function isSame(a: ImageData['data'], b: ImageData['data']): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

Object.assign(globalThis, { probe: new Probe() });
