import type { CameraView } from './camera-view.ts';

/** What a person does with the picture besides moving the camera. Pixels from its upper left. */
export interface GestureListeners {
  /** The camera has moved. */
  onMove(): void;
  /** The pointer rests or moves without pressing. */
  onHover(x: number, y: number): void;
  onLeave(): void;
  onClick(x: number, y: number): void;
  /** After its first click was heard; its second is not. */
  onDoubleClick(x: number, y: number): void;
}

/** A press that moves less than this is a click. */
const CLICK_PX = 4;
const DOUBLE_CLICK_MS = 350;
/** A notch of a wheel brings things about a tenth nearer. */
const WHEEL = 0.001;
const PINCHED_WHEEL = 0.01;
const LINE_PX = 20;
/** What a key press turns or shifts by. */
const KEY_PX = 32;
const KEY_ZOOM = 0.85;

interface Press {
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
  readonly pans: boolean;
}

/**
 * Moves a {@link CameraView}: drag turns, right or middle button or Shift shifts, the wheel zooms to the pointer, two
 * fingers do both. A flat view does not turn: there every drag shifts. Nothing goes on moving after the hand has stopped.
 */
export class CameraControls {
  readonly #element: HTMLElement;
  readonly #view: CameraView;
  readonly #listeners: GestureListeners;
  readonly #presses = new Map<number, Press>();
  readonly #abort = new AbortController();
  /** Moved too far, or with too many fingers, to be a click. */
  #isDrag = false;
  #lastClick = { x: 0, y: 0, timeMs: -Infinity };

  constructor(element: HTMLElement, view: CameraView, listeners: GestureListeners) {
    this.#element = element;
    this.#view = view;
    this.#listeners = listeners;
    const hear = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ): void => element.addEventListener(type, listener, { signal: this.#abort.signal });
    hear('pointerdown', (event) => this.#press(event));
    hear('pointermove', (event) => this.#move(event));
    hear('pointerup', (event) => this.#release(event));
    hear('pointercancel', ({ pointerId }) => this.#forget(pointerId));
    hear('pointerleave', () => this.#listeners.onLeave());
    hear('contextmenu', (event) => event.preventDefault());
    element.addEventListener('wheel', (event) => this.#wheel(event), {
      passive: false,
      signal: this.#abort.signal,
    });
  }

  get isDragging(): boolean {
    return this.#presses.size > 0 && this.#isDrag;
  }

  /** Turns by keys, or shows what lies beside a flat view: one press in each direction, −1 to 1. */
  turn(right: number, down: number): void {
    if (this.#view.isFlat) this.#view.pan(-right * KEY_PX, -down * KEY_PX);
    else this.#view.orbit(right * KEY_PX, down * KEY_PX);
    this.#listeners.onMove();
  }

  /** Nearer to the middle, or further away. */
  zoomStep(nearer: boolean): void {
    this.#view.zoom(nearer ? KEY_ZOOM : 1 / KEY_ZOOM, this.#view.width / 2, this.#view.height / 2);
    this.#listeners.onMove();
  }

  dispose(): void {
    this.#abort.abort();
    this.#presses.clear();
  }

  #press(event: PointerEvent): void {
    const { offsetX: x, offsetY: y } = event;
    if (this.#presses.size === 0) this.#isDrag = false;
    else this.#isDrag = true;
    this.#presses.set(event.pointerId, {
      startX: x,
      startY: y,
      x,
      y,
      pans: event.button > 0 || event.shiftKey,
    });
    this.#element.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    const { offsetX: x, offsetY: y } = event;
    const press = this.#presses.get(event.pointerId);
    if (!press) {
      if (event.pointerType !== 'touch') this.#listeners.onHover(x, y);
      return;
    }
    const far = Math.hypot(x - press.startX, y - press.startY) > CLICK_PX;
    if (far && !this.#isDrag) {
      this.#isDrag = true;
      this.#listeners.onLeave();
    }
    if (!this.#isDrag) return;
    if (this.#presses.size > 1) this.#pinch(event.pointerId, press, x, y);
    else if (press.pans || this.#view.isFlat) this.#view.pan(x - press.x, y - press.y);
    else this.#view.orbit(x - press.x, y - press.y);
    press.x = x;
    press.y = y;
    this.#listeners.onMove();
  }

  /** Of two fingers: their middle shifts, their distance zooms. */
  #pinch(id: number, press: Press, x: number, y: number): void {
    const other = [...this.#presses].find(([otherId]) => otherId !== id)?.[1];
    if (!other) return;
    const before = Math.hypot(press.x - other.x, press.y - other.y);
    const after = Math.hypot(x - other.x, y - other.y);
    this.#view.pan((x - press.x) / 2, (y - press.y) / 2);
    if (before > 0 && after > 0) this.#view.zoom(before / after, (x + other.x) / 2, (y + other.y) / 2);
  }

  #release(event: PointerEvent): void {
    const press = this.#presses.get(event.pointerId);
    if (!press) return;
    this.#forget(event.pointerId);
    if (this.#isDrag || event.button !== 0) return;
    const { offsetX: x, offsetY: y } = event;
    const last = this.#lastClick;
    const again =
      event.timeStamp - last.timeMs < DOUBLE_CLICK_MS && Math.hypot(x - last.x, y - last.y) < 2 * CLICK_PX;
    this.#lastClick = { x, y, timeMs: again ? -Infinity : event.timeStamp };
    if (again) this.#listeners.onDoubleClick(x, y);
    else this.#listeners.onClick(x, y);
  }

  #forget(pointerId: number): void {
    this.#presses.delete(pointerId);
  }

  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    // A pinch on a touch pad comes as a wheel with Ctrl, in small steps.
    const factor = Math.exp(event.deltaY * lines * (event.ctrlKey ? PINCHED_WHEEL : WHEEL));
    this.#view.zoom(factor, event.offsetX, event.offsetY);
    this.#listeners.onMove();
  }
}
