import { Decoder, type DecoderShape } from './decoder.ts';
import DecoderWorker from './decoder-worker.ts?worker&inline';
import type { FromWorker, ToWorker } from './messages.ts';

interface Waiting {
  readonly z: Float32Array;
  readonly condition: Float32Array | undefined;
  readonly resolve: (image: Uint8Array<ArrayBuffer>) => void;
  readonly reject: (error: Error) => void;
}

/** Decodes in a worker; in a browser that starts none for a file on the disk, in the page itself. */
export class PageDecoder {
  readonly #shape: DecoderShape;
  readonly #weights: Uint8Array<ArrayBuffer>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #own: Decoder | undefined;
  #lastId = 0;

  constructor(shape: DecoderShape, weights: Uint8Array<ArrayBuffer>) {
    this.#shape = { latentDim: shape.latentDim, layers: shape.layers, output: shape.output };
    this.#weights = weights;
    try {
      this.#worker = new DecoderWorker();
    } catch {
      return;
    }
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#take(data));
    this.#worker.addEventListener('error', () => this.#goOnAlone());
    this.#send({ kind: 'model', shape: this.#shape, weights });
  }

  /**
   * @param z - `[latentDim]`
   * @param condition - of a conditional model, as its encoding
   * @returns the image's bytes, `[size, size, channels]`
   */
  decode(z: Float32Array, condition?: Float32Array): Promise<Uint8Array<ArrayBuffer>> {
    return new Promise((resolve, reject) => {
      const waiting = { z, condition, resolve, reject };
      if (!this.#worker) {
        this.#decodeHere(waiting);
        return;
      }
      const id = ++this.#lastId;
      this.#waiting.set(id, waiting);
      this.#send({ kind: 'code', id, z, condition });
    });
  }

  #send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #take(answer: FromWorker): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('image' in answer) waiting?.resolve(answer.image);
    else waiting?.reject(new Error(answer.failure));
  }

  /** The worker did not start, or has failed as a whole. */
  #goOnAlone(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const left = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const waiting of left) this.#decodeHere(waiting);
  }

  #decodeHere({ z, condition, resolve, reject }: Waiting): void {
    try {
      this.#own ??= new Decoder(this.#shape, this.#weights);
      resolve(this.#own.decode(z, condition));
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
