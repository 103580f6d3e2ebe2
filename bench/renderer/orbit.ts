import { BufferAttribute, BufferGeometry, Points, PointsMaterial, Scene, WebGLRenderer } from 'three';
import { ScatterScene } from '../../src/renderer/scene/scatter-scene.ts';
import { PALETTES } from '../../src/renderer/theme/tokens.ts';

/** The number of faces in CelebA. */
const COUNT = 202_599;
/** The size of the scatter in a window of 1280×800. */
const [WIDTH, HEIGHT] = [640, 612];
/** The diameter of so many dots in the scene, at the distance that the camera looks at. */
const DOT_PX = 2.2;
const STEP_PX = 5;
/** All effects of a drag end within this time. */
const AFTER_MS = 300;

/** The measurements of an orbit by the pointer. */
interface Orbit {
  /** Times from each frame to the next. */
  readonly frameMs: readonly number[];
  /** Durations of tasks of more than 50 ms in the page's thread. */
  readonly longTasksMs: readonly number[];
}

/** Codes like a VAE's, normally distributed and the same in every run. */
function randomPoints(): { positions: Float32Array; colours: Uint8Array } {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 1) / 4_294_967_297;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const positions = Float32Array.from({ length: COUNT * 3 }, normal);
  const colours = Uint8Array.from({ length: COUNT * 4 }, (_, i) => (i % 4 === 3 ? 255 : 80 + 150 * random()));
  return { positions, colours };
}

function makeCanvas(left: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  Object.assign(canvas.style, {
    position: 'absolute',
    top: '0',
    left: `${left}px`,
    width: `${WIDTH}px`,
    height: `${HEIGHT}px`,
  });
  document.body.append(canvas);
  return canvas;
}

/** The app's scatter and a bare `THREE.Points` of the same points, side by side, under one camera. */
class OrbitPage {
  readonly #points = randomPoints();
  readonly #canvas = makeCanvas(0);
  readonly #ours: ScatterScene;
  readonly #bare: WebGLRenderer;
  readonly #bareScene = new Scene();
  #drawnMs: number[] = [];

  constructor() {
    const overlay = makeCanvas(0);
    overlay.style.pointerEvents = 'none';
    const { positions, colours } = this.#points;
    this.#ours = new ScatterScene({
      canvas: this.#canvas,
      overlay,
      palette: PALETTES.dark,
      listeners: { onFrame: () => this.#drawnMs.push(performance.now()) },
    });
    this.#ours.setSize(WIDTH, HEIGHT, 1);
    this.#ours.setPositions(positions);
    this.#ours.setColours(colours);
    this.#ours.setAxes(['PC 1', 'PC 2', 'PC 3']);
    this.#ours.setPrior([0, 0, 0]);

    this.#bare = new WebGLRenderer({ canvas: makeCanvas(WIDTH), antialias: false });
    this.#bare.setSize(WIDTH, HEIGHT, false);
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(positions, 3));
    geometry.setAttribute('color', new BufferAttribute(colours, 4, true));
    const material = new PointsMaterial({ vertexColors: true });
    // three.js makes a point `size · (height / 2) / depth` pixels wide.
    material.size = (DOT_PX * this.#ours.view.pose.distance) / (HEIGHT / 2);
    const points = new Points(geometry, material);
    points.frustumCulled = false;
    this.#bareScene.add(points);
  }

  /** Turns the app's scatter; returns each frame's time, from its request until the last pixel. */
  async ours(frames: number): Promise<number[]> {
    const gl = this.#canvas.getContext('webgl2')!;
    return this.#time(frames, gl, () => this.#ours.drawNow());
  }

  /** The same with bare points. */
  async bare(frames: number): Promise<number[]> {
    const gl = this.#bare.getContext() as WebGL2RenderingContext;
    return this.#time(frames, gl, () => this.#bare.render(this.#bareScene, this.#ours.view.camera));
  }

  /** Measures from the next press of the pointer until shortly after its release. */
  nextDrag(): Promise<Orbit> {
    return new Promise((resolve) => {
      const longTasksMs: number[] = [];
      const observer = new PerformanceObserver((list) => {
        longTasksMs.push(...list.getEntries().map(({ duration }) => duration));
      });
      const start = (): void => {
        this.#drawnMs = [];
        observer.observe({ type: 'longtask' });
      };
      const end = (): void => {
        const drawnMs = this.#drawnMs.slice();
        setTimeout(() => {
          observer.disconnect();
          const frameMs = drawnMs.slice(1).map((atMs, i) => atMs - drawnMs[i]!);
          resolve({ frameMs, longTasksMs });
        }, AFTER_MS);
      };
      addEventListener('pointerdown', start, { capture: true, once: true });
      addEventListener('pointerup', end, { capture: true, once: true });
    });
  }

  async #time(frames: number, gl: WebGL2RenderingContext, draw: () => void): Promise<number[]> {
    const pixel = new Uint8Array(4);
    const ms: number[] = [];
    for (let i = 0; i < frames; i++) {
      // The browser draws its own content between the frames.
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.#ours.view.orbit(STEP_PX, 0);
      const start = performance.now();
      draw();
      // A pixel can be read only once all have been drawn.
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
      ms.push(performance.now() - start);
    }
    return ms;
  }
}

document.body.style.margin = '0';
Object.assign(globalThis, { orbit: new OrbitPage() });
