import type { Client } from '../../../../contract/client.ts';
import type { Contrast } from '../../../../contract/contrast.ts';
import type { SkippedFile } from '../../../../contract/dataset.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import { imageBytes } from '../../../../contract/image-size.ts';
import type { LabelChoice } from '../../../../contract/label-choice.ts';
import type { Inspection, Source } from '../../../../contract/operations/sources.ts';
import { mergeSkipped } from '../../../../contract/skipped-files.ts';
import { facesOf, type FaceImage } from '../../../components/face.ts';
import { Latest } from '../../../state/latest.ts';

/** The crops that a person chooses between; what is stored says which. */
export const CROPS = ['celeba', 'square', 'none'] as const;
export type CropChoice = (typeof CROPS)[number];

/** Reading more files than this only to count them would take too long. */
const MOST_CHECKED = 20_000;

/** Whether a file can be imported depends on the crop only where CelebA's shape is required. */
type CheckKind = 'celeba' | 'any';

/** The files that were read so far to find those that cannot be imported. */
interface Checked {
  readonly next: number;
  readonly unreadable: readonly SkippedFile[];
}

/** What one crop and contrast make of the images that were drawn. */
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
  /** Whether the contrast is stretched; only where `facts.stretch` offers it. */
  isStretched = $state(false);
  /** Which labels the import joins; what is left out is decided as the inspection says. */
  labels = $state.raw<LabelChoice>({});
  /** Whether another choice of tables is being looked at. */
  isJoining = $state(false);
  error = $state.raw<ErrorPayload | undefined>();
  /** Whether other images are on their way. */
  isDrawing = $state(false);
  #views = $state.raw<Readonly<Record<string, View>>>({});
  #checked = $state.raw<Partial<Record<CheckKind, Checked>>>({});
  readonly #client: Client;
  readonly #draw: Latest<number, void>;
  readonly #join: Latest<LabelChoice, Inspection>;
  #seed = 0;
  #isClosed = false;

  constructor(client: Client, source: Source) {
    this.#client = client;
    this.source = source;
    this.name = source.name.replace(/\.(zip|npz|npy|h5|hdf5|hdf)$/i, '');
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
    this.#join = new Latest({
      load: (labels) =>
        client.request('sources.inspect', {
          source: source.source,
          crop: this.crop,
          seed: this.#seed,
          labels,
        }),
      show: (inspection, labels) => {
        if (labels !== this.labels || !this.facts) return;
        const { stretch } = this.facts;
        this.facts = { ...inspection, ...(stretch ? { stretch } : {}) };
        this.isJoining = false;
      },
      fail: (error) => {
        this.error = errorPayload(error);
        this.isJoining = false;
      },
    });
    this.#draw.ask(this.#seed);
  }

  /** Chooses the tables that are joined, or their columns of names. */
  chooseTables(tables: NonNullable<LabelChoice['tables']>): void {
    this.labels = { ...this.labels, tables };
    this.isJoining = true;
    this.#join.ask(this.labels);
  }

  /** Takes labels of the file names, or none. */
  choosePattern(namePattern: string | undefined): void {
    const { tables } = this.labels;
    this.labels = { ...(tables ? { tables } : {}), ...(namePattern ? { namePattern } : {}) };
  }

  /** The images as the chosen crop cuts them. */
  get faces(): readonly FaceImage[] {
    return this.#view()?.faces ?? [];
  }

  /** Whether what is shown are images drawn earlier, or no images yet. */
  get isLate(): boolean {
    return this.#view()?.seed !== this.#seed;
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
    return this.readable * imageBytes({ imageSize, channels: this.isGrey ? 1 : 3 });
  }

  canUse(crop: CropChoice): boolean {
    return crop !== 'celeba' || this.facts?.celebaShaped === true;
  }

  /** The same image under each crop and contrast, to choose by. */
  exampleOf(crop: CropChoice, isStretched = this.isStretched): FaceImage | undefined {
    return this.#view(crop, isStretched)?.faces[0];
  }

  /** The contrast of the import. */
  get contrast(): Contrast {
    const { stretch } = this.facts ?? {};
    return this.isStretched && stretch ? stretch.percentiles : 'none';
  }

  /** Chooses whether the contrast is stretched. */
  chooseStretch(isStretched: boolean): void {
    this.isStretched = isStretched;
    // The other crops have not been seen with this contrast.
    this.#draw.ask(this.#seed);
  }

  /** The files that cannot be imported, as far as it is known. */
  readonly unreadable: readonly SkippedFile[] = $derived.by(() => {
    return mergeSkipped(this.facts?.unreadable ?? [], this.#checked[this.#kind]?.unreadable ?? []);
  });

  /** Number of files that were read to find those. */
  get examined(): number {
    return Math.max(this.facts?.examined ?? 0, this.#checked[this.#kind]?.next ?? 0);
  }

  /** Whether all files were read, so that {@link readable} is what will be imported. */
  get isCounted(): boolean {
    const { facts } = this;
    if (!facts) return false;
    const isExamined = this.#kind === 'any' && facts.examined >= facts.images;
    return isExamined || (this.#checked[this.#kind]?.next ?? 0) >= facts.images;
  }

  /** Number of images that will be imported; at most so many until {@link isCounted}. */
  get readable(): number {
    if (!this.facts) return 0;
    const { images, unreadable, failures } = this.facts;
    return images - (this.unreadable.length - (unreadable.length - failures));
  }

  /** Draws other images. */
  drawOthers(): void {
    this.#seed += 1;
    this.isDrawing = true;
    this.#draw.ask(this.#seed);
  }

  /** Looks at nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#draw.close();
    this.#join.close();
  }

  get #kind(): CheckKind {
    return this.crop === 'celeba' ? 'celeba' : 'any';
  }

  #view(crop = this.crop, isStretched = this.isStretched): View | undefined {
    return this.#views[viewKey(crop, isStretched)];
  }

  /** Shows each crop as soon as it is there, then the other contrast. */
  async #load(seed: number, signal: AbortSignal): Promise<void> {
    if (!this.facts) {
      const facts = await this.#client.request('sources.inspect', {
        source: this.source.source,
        crop: 'auto',
        seed,
        contrast: 'auto',
      });
      signal.throwIfAborted();
      this.crop = facts.celebaShaped ? 'celeba' : 'square';
      this.isStretched = facts.stretch?.isProposed === true;
      this.#keep(this.crop, this.isStretched, seed, facts);
      this.facts = facts;
      void this.#checkAll(facts);
    }
    const { isStretched } = this;
    const others = CROPS.filter((other) => other !== this.crop);
    // The chosen crop first: it fills the sheet.
    const wanted = [this.crop, ...others].map((crop) => ({ crop, isStretched }));
    if (this.facts.stretch) wanted.push({ crop: this.crop, isStretched: !isStretched });
    for (const { crop, isStretched } of wanted) {
      if (this.#seed !== seed) return;
      if (!this.canUse(crop) || this.#view(crop, isStretched)?.seed === seed) continue;
      const bounds = isStretched ? this.facts.stretch?.bounds : undefined;
      const inspection = await this.#client.request('sources.inspect', {
        source: this.source.source,
        crop,
        seed,
        ...(bounds ? { contrast: bounds } : {}),
      });
      signal.throwIfAborted();
      this.#keep(crop, isStretched, seed, inspection);
    }
  }

  /** Reads the files that were not examined, to know how many can be imported. */
  async #checkAll(facts: Inspection): Promise<void> {
    if (facts.images > MOST_CHECKED) return;
    try {
      if (facts.celebaShaped) await this.#check('celeba', 'celeba', facts.images);
      if (facts.examined < facts.images) await this.#check('any', 'square', facts.images);
    } catch (error) {
      if (!this.#isClosed) this.error = errorPayload(error);
    }
  }

  async #check(kind: CheckKind, crop: CropChoice, images: number): Promise<void> {
    let checked: Checked = { next: 0, unreadable: [] };
    while (checked.next < images && !this.#isClosed) {
      const { next, unreadable } = await this.#client.request('sources.check', {
        source: this.source.source,
        crop,
        from: checked.next,
      });
      checked = { next, unreadable: [...checked.unreadable, ...unreadable] };
      this.#checked = { ...this.#checked, [kind]: checked };
    }
  }

  #keep(crop: CropChoice, isStretched: boolean, seed: number, { previews }: Inspection): void {
    this.#views = { ...this.#views, [viewKey(crop, isStretched)]: { seed, faces: facesOf(previews) } };
  }
}

function viewKey(crop: CropChoice, isStretched: boolean): string {
  return `${crop} ${isStretched ? 'stretched' : 'stored'}`;
}

/** Whether red, green and blue are the same everywhere. */
function hasNoColour(pixels: Uint8Array): boolean {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false;
  }
  return true;
}
