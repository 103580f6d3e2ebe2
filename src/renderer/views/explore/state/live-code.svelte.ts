import type { Client } from '../../../../contract/client.ts';
import { tensor } from '../../../../contract/tensor.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import { Lateness } from '../../../state/lateness.svelte.ts';
import { Latest } from '../../../state/latest.ts';

/** The undo stack keeps its first code and the last of the others, this many in all. */
const UNDO_LIMIT = 100;

/** What a picture is decoded from. */
interface Decoded {
  readonly z: Float32Array;
  readonly condition: number | undefined;
}

/** Decodes a code under a condition, which is undefined for a model that is not conditional. */
export type Decode = (z: Float32Array, condition: number | undefined) => Promise<FaceImage | undefined>;

/** Has the engine decode codes of a run. */
export function decodeBy(client: Client, run: string): Decode {
  return async (z, condition) => {
    const images = await client.request('models.decode', {
      ...{ run, z: tensor('f32', [1, z.length], z) },
      ...(condition === undefined ? {} : { condition }),
    });
    return facesOf(images)[0];
  };
}

/**
 * The code that a person moves, and its picture. The code changes continuously while a slider is dragged; each finished
 * move is put on the undo stack, and *Back* undoes the last one. The path in the scatter leads from the pinned code over
 * the codes of the stack to the live one. The condition is not on the stack.
 */
export class LiveCode {
  /** `[latentDim]`. */
  z = $state.raw<Float32Array>(new Float32Array(0));
  /** The condition of a conditional model, as its column has it; undefined for a model that is not conditional. */
  condition = $state<number | undefined>();
  /** g(z), or the last that came; see {@link isLate}. */
  image = $state.raw<FaceImage | undefined>();
  /** The code that the path begins at, then the code at the end of each move. */
  undoStack = $state.raw<readonly Float32Array[]>([]);
  readonly #decode: Latest<Decoded, FaceImage | undefined>;
  readonly #lateness = new Lateness();
  /** What the last move changed, where it was a {@link nudge}. */
  #nudged: string | undefined;
  /** What the picture should be of, while it is of something earlier. */
  #awaited: Decoded | undefined;

  /**
   * @param decode - the decoder that shows the code
   * @param onFailure - hears why a decode failed
   */
  constructor(decode: Decode, onFailure: (error: unknown) => void) {
    this.#decode = new Latest({
      load: ({ z, condition }) => decode(z, condition),
      show: (image, asked) => {
        this.image = image;
        if (this.#awaited === asked) this.#awaited = undefined;
        this.#lateness.arrive(!this.#awaited);
      },
      fail: onFailure,
    });
  }

  /** True while the picture belongs to an earlier z, and none has come for long enough to be noticed. */
  get isLate(): boolean {
    return this.#lateness.isLate;
  }

  /** Whether there is a move to undo. */
  get canUndo(): boolean {
    return this.undoStack.length > 1;
  }

  /**
   * Starts a new path and empties the undo stack.
   *
   * @param image - g(z), where it is known already
   * @param condition - the condition from here on
   */
  begin(z: Float32Array, image?: FaceImage, condition?: number): void {
    this.#nudged = undefined;
    this.undoStack = [z];
    this.condition = condition;
    this.#show(z, image);
  }

  /** Gives the decoder another condition; the code stays as it is. */
  setCondition(condition: number): void {
    if (condition === this.condition) return;
    this.condition = condition;
    this.#show(this.z);
  }

  /** Moves the code without finishing the move, as while a slider is dragged. */
  move(z: Float32Array): void {
    this.#show(z);
  }

  /** Finishes a move: puts the code on the undo stack. */
  commit(): void {
    this.#nudged = undefined;
    if (this.undoStack.at(-1) === this.z) return;
    const [start, ...later] = this.undoStack;
    this.undoStack = start ? [start, ...[...later, this.z].slice(1 - UNDO_LIMIT)] : [this.z];
  }

  /** Moves the code and finishes the move. */
  jump(z: Float32Array): void {
    this.move(z);
    this.commit();
  }

  /**
   * Moves the code by one of many small steps. Steps that follow each other on one subject are one move, which *Back*
   * undoes at once.
   *
   * @param subject - what is moved, such as a dimension
   */
  nudge(z: Float32Array, subject: string): void {
    if (this.#nudged === subject && this.canUndo) this.undoStack = this.undoStack.slice(0, -1);
    this.jump(z);
    this.#nudged = subject;
  }

  /** Undoes the last move. */
  undo(): void {
    this.#nudged = undefined;
    const rest = this.undoStack.slice(0, -1);
    const z = rest.at(-1);
    if (!z) return;
    this.undoStack = rest;
    this.#show(z);
  }

  /** Decodes again what could not be decoded, as after a restart of the engine. */
  refresh(): void {
    if (this.#awaited) this.#decode.ask(this.#awaited);
  }

  /** Shows nothing any more. */
  close(): void {
    this.#awaited = undefined;
    this.#decode.close();
    this.#lateness.arrive(true);
    this.image = undefined;
  }

  #show(z: Float32Array, image?: FaceImage): void {
    this.z = z;
    if (image) {
      this.#awaited = undefined;
      // A picture of the path before, which is still being decoded, would replace this one.
      this.#decode.forget();
      this.image = image;
      this.#lateness.arrive(true);
    } else {
      this.#awaited = { z, condition: this.condition };
      this.#lateness.wait();
      this.#decode.ask(this.#awaited);
    }
  }
}

/** A code with one coordinate changed. */
export function withCoordinate(z: Float32Array, dimension: number, value: number): Float32Array {
  const changed = z.slice();
  changed[dimension] = value;
  return changed;
}
