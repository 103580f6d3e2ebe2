import type { Client } from '../../../../contract/client.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import { imageBytes } from '../../../../contract/image-size.ts';
import type { Inspection, Source } from '../../../../contract/operations/sources.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import { Latest } from '../../../state/latest.ts';

/** The crops that a person chooses between; what is stored says which. */
export const CROPS = ['celeba', 'square', 'none'] as const;
export type CropChoice = (typeof CROPS)[number];

/** What one crop makes of the images that were drawn. */
interface View {
  readonly seed: number;
  readonly faces: readonly FaceImage[];
}

/** A source that is looked at before it is imported: its images as each crop would cut them, and what they are called. */
export class DropState {
  readonly source: Source;
  name = $state('');
  crop = $state<CropChoice>('square');
  /** What holds whatever the crop is; undefined until it is known. */
  facts = $state.raw<Inspection | undefined>();
  error = $state.raw<ErrorPayload | undefined>();
  /** Whether other images are on their way. */
  isDrawing = $state(false);
  #views = $state.raw<Partial<Record<CropChoice, View>>>({});
  readonly #client: Client;
  readonly #draw: Latest<number, void>;
  #seed = 0;

  constructor(client: Client, source: Source) {
    this.#client = client;
    this.source = source;
    this.name = source.name.replace(/\.(zip|npz)$/i, '');
    this.#draw = new Latest({
      load: (seed, signal) => this.#load(seed, signal),
      show: (_views, seed) => {
        if (seed === this.#seed) this.isDrawing = false;
      },
      fail: (error) => {
        this.error = errorPayload(error);
        this.isDrawing = false;
      },
    });
    this.#draw.ask(this.#seed);
  }

  /** The images as the chosen crop cuts them. */
  get faces(): readonly FaceImage[] {
    return this.#views[this.crop]?.faces ?? [];
  }

  /** Whether what is shown are images drawn earlier, or no images yet. */
  get isLate(): boolean {
    return this.#views[this.crop]?.seed !== this.#seed;
  }

  /** The crops that fit the images, likeliest first. */
  get crops(): readonly CropChoice[] {
    return this.facts?.celebaShaped ? ['celeba', 'square', 'none'] : ['square', 'none', 'celeba'];
  }

  /** Whether no colour was seen: the data set will have one channel. */
  readonly isGrey = $derived(
    this.facts !== undefined && this.facts.previews.shape[0]! > 0 && hasNoColour(this.facts.previews.data),
  );

  /** Width and height of the images that the import would make; undefined until it is known. */
  get imageSize(): number | undefined {
    return this.facts?.previews.shape[1];
  }

  /** The size of the data set on disk: its pixels are kept as they are. */
  get bytes(): number {
    const { imageSize = 0 } = this;
    return (this.facts?.images ?? 0) * imageBytes({ imageSize, channels: this.isGrey ? 1 : 3 });
  }

  canUse(crop: CropChoice): boolean {
    return crop !== 'celeba' || this.facts?.celebaShaped === true;
  }

  /** The same image under each crop, to choose by. */
  exampleOf(crop: CropChoice): FaceImage | undefined {
    return this.#views[crop]?.faces[0];
  }

  /** Draws other images. */
  drawOthers(): void {
    this.#seed += 1;
    this.isDrawing = true;
    this.#draw.ask(this.#seed);
  }

  /** Looks at nothing any more. */
  close(): void {
    this.#draw.close();
  }

  /** Shows each crop as soon as it is there. */
  async #load(seed: number, signal: AbortSignal): Promise<void> {
    if (!this.facts) {
      const facts = await this.#inspect('auto', seed);
      signal.throwIfAborted();
      this.crop = facts.celebaShaped ? 'celeba' : 'square';
      this.#keep(this.crop, seed, facts);
      this.facts = facts;
    }
    // The chosen crop first: it fills the sheet.
    for (const crop of [this.crop, ...CROPS.filter((other) => other !== this.crop)]) {
      if (this.#seed !== seed) return;
      if (!this.canUse(crop) || this.#views[crop]?.seed === seed) continue;
      const inspection = await this.#inspect(crop, seed);
      signal.throwIfAborted();
      this.#keep(crop, seed, inspection);
    }
  }

  #inspect(crop: CropChoice | 'auto', seed: number): Promise<Inspection> {
    return this.#client.request('sources.inspect', { source: this.source.source, crop, seed });
  }

  #keep(crop: CropChoice, seed: number, { previews }: Inspection): void {
    this.#views = { ...this.#views, [crop]: { seed, faces: facesOf(previews) } };
  }
}

/** Whether red, green and blue are the same everywhere. */
function hasNoColour(pixels: Uint8Array): boolean {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false;
  }
  return true;
}
