import type { Client } from '../../../../contract/client.ts';
import type { Contrast } from '../../../../contract/contrast.ts';
import type { SkippedFile } from '../../../../contract/dataset.ts';
import { errorPayload, type ErrorPayload } from '../../../../contract/errors.ts';
import {
  DEFAULT_IMAGE_SIZE,
  IMAGE_SIZES,
  imageBytes,
  offeredSizes,
  type ImageSize,
} from '../../../../contract/image-size.ts';
import type { LabelChoice } from '../../../../contract/label-choice.ts';
import type { Inspection, Source } from '../../../../contract/operations/sources.ts';
import { mergeSkipped } from '../../../../contract/skipped-files.ts';
import { faceOfSide, facesOf, type FaceImage } from '../../../components/face.ts';
import { Latest } from '../../../state/latest.ts';

/** The crops that a person chooses between; what is stored says which. */
export const CROPS = ['celeba', 'square', 'none'] as const;
export type CropChoice = (typeof CROPS)[number];

/** Reading more files than this only to count them would take too long. */
const MOST_CHECKED = 20_000;

/**
 * How much of an import's time grows with the number of an image's pixels, as a part of the time that an import at the
 * default size takes. Of CelebA's JPEGs, decoding takes most of it, which is the same for all sizes.
 */
const PART_OF_PIXELS = 0.06;

/** The time of an import at a size, relative to that at the default size. */
export function relativeTime(imageSize: ImageSize): number {
  return 1 + PART_OF_PIXELS * ((imageSize / DEFAULT_IMAGE_SIZE) ** 2 - 1);
}

/** The speed of an import at a size. */
export interface ImportRate {
  readonly filesPerSecond: number;
  readonly imageSize: ImageSize;
}

/** Whether a file can be imported depends on the crop only where CelebA's shape is required. */
type CheckKind = 'celeba' | 'any';

/** The files that were read so far to find those that cannot be imported. */
interface Checked {
  readonly next: number;
  readonly unreadable: readonly SkippedFile[];
}

/** Previews are kept no wider than this: they are shown 64 wide, on screens with up to two pixels for one. */
const SHARPEST_PX = 128;

/** What the images are shown with. */
interface Viewed {
  readonly crop: CropChoice;
  readonly isStretched: boolean;
  readonly imageSize: ImageSize;
}

/** What one crop, contrast and size make of the images that were drawn. */
interface View {
  readonly seed: number;
  readonly faces: readonly FaceImage[];
}

/** A source that is looked at before it is imported: its images as each crop would cut them, and what they are called. */
export class DropState {
  readonly source: Source;
  name = $state('');
  crop = $state<CropChoice>('square');
  /** Width and height of the images that the import makes. */
  imageSize = $state<ImageSize>(DEFAULT_IMAGE_SIZE);
  /** What holds whatever the crop is; undefined until it is known. */
  facts = $state.raw<Inspection | undefined>();
  /** Whether the contrast is stretched; only where `facts.stretch` offers it. */
  isStretched = $state(false);
  /** Which labels the import joins; what is left out is decided as the inspection says. */
  labels = $state.raw<LabelChoice>({});
  /** Whether another choice of tables is being looked at. */
  isJoining = $state(false);
  /** Whether the tables that were chosen last could not be joined. */
  hasJoinFailed = $state(false);
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
    this.name = source.name.replace(/\.(zip|npz|npy|h5|hdf5|hdf|mat)$/i, '');
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
          imageSize: this.imageSize,
          labels,
        }),
      show: (inspection, labels) => {
        if (labels !== this.labels || !this.facts) return;
        const { stretch, filesPerSecond } = this.facts;
        this.facts = {
          ...withFilesRead(inspection, this.facts),
          ...(stretch ? { stretch } : {}),
          ...(filesPerSecond === undefined ? {} : { filesPerSecond }),
        };
        this.isJoining = false;
      },
      fail: (error) => {
        this.error = errorPayload(error);
        this.hasJoinFailed = true;
        this.isJoining = false;
      },
    });
    this.#draw.ask(this.#seed);
  }

  /** Chooses the tables that are joined, or their columns of names. */
  chooseTables(tables: NonNullable<LabelChoice['tables']>): void {
    this.labels = { ...this.labels, tables };
    this.isJoining = true;
    this.hasJoinFailed = false;
    this.error = undefined;
    this.#join.ask(this.labels);
  }

  /** Takes labels of the file names, or none. */
  choosePattern(namePattern: string | undefined): void {
    const { tables } = this.labels;
    this.labels = { ...(tables ? { tables } : {}), ...(namePattern ? { namePattern } : {}) };
  }

  /** The images as the chosen crop cuts them; at another size until those of the chosen one come. */
  get faces(): readonly FaceImage[] {
    return this.#anyView()?.faces ?? [];
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

  /** The sizes that the pictures give without being enlarged, and those up to the default one. */
  get sizes(): readonly ImageSize[] {
    return offeredSizes(this.facts?.smallerSide);
  }

  /** Chooses the size of the images. */
  chooseSize(imageSize: ImageSize): void {
    this.imageSize = imageSize;
    this.#draw.ask(this.#seed);
  }

  /**
   * Seconds that the import would take; undefined where it is not known.
   *
   * @param last - the speed of the last import, if there was one
   */
  seconds(last: ImportRate | undefined): number | undefined {
    const { filesPerSecond } = this.facts ?? {};
    const known: ImportRate | undefined =
      last ?? (filesPerSecond ? { filesPerSecond, imageSize: DEFAULT_IMAGE_SIZE } : undefined);
    if (!known || !(known.filesPerSecond > 0)) return undefined;
    const relative = relativeTime(this.imageSize) / relativeTime(known.imageSize);
    return ((this.facts?.images ?? 0) / known.filesPerSecond) * relative;
  }

  /** The size of the data set on disk: its pixels are kept as they are. */
  get bytes(): number {
    const { imageSize } = this;
    return this.readable * imageBytes({ imageSize, channels: this.isGrey ? 1 : 3 });
  }

  canUse(crop: CropChoice): boolean {
    return crop !== 'celeba' || this.facts?.celebaShaped === true;
  }

  /** The same image under each crop and contrast, to choose by. */
  exampleOf(crop: CropChoice, isStretched = this.isStretched): FaceImage | undefined {
    return this.#anyView(crop, isStretched)?.faces[0];
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

  #view(
    crop = this.crop,
    isStretched = this.isStretched,
    imageSize: ImageSize = this.imageSize,
  ): View | undefined {
    return this.#views[viewKey(crop, isStretched, imageSize)];
  }

  /** What is shown of a crop and contrast: at the chosen size, else at the nearest that was seen. */
  #anyView(crop = this.crop, isStretched = this.isStretched): View | undefined {
    const nearest = IMAGE_SIZES.toSorted(
      (a, b) => Math.abs(Math.log2(a / this.imageSize)) - Math.abs(Math.log2(b / this.imageSize)),
    );
    for (const size of nearest) {
      const view = this.#view(crop, isStretched, size);
      if (view) return view;
    }
    return undefined;
  }

  /** Shows each crop as soon as it is there, then the other contrast. */
  async #load(seed: number, signal: AbortSignal): Promise<void> {
    if (!this.facts) {
      const facts = await this.#client.request('sources.inspect', {
        source: this.source.source,
        crop: 'auto',
        seed,
        imageSize: this.imageSize,
        contrast: 'auto',
      });
      signal.throwIfAborted();
      this.crop = facts.celebaShaped ? 'celeba' : 'square';
      this.isStretched = facts.stretch?.isProposed === true;
      this.#keep({ crop: this.crop, isStretched: this.isStretched, imageSize: this.imageSize }, seed, facts);
      this.facts = facts;
      void this.#checkAll(facts);
    }
    const { isStretched, imageSize } = this;
    const others = CROPS.filter((other) => other !== this.crop);
    // The chosen crop first: it fills the sheet.
    const wanted = [this.crop, ...others].map((crop) => ({ crop, isStretched }));
    if (this.facts.stretch) wanted.push({ crop: this.crop, isStretched: !isStretched });
    for (const { crop, isStretched } of wanted) {
      if (this.#seed !== seed || this.imageSize !== imageSize) return;
      if (!this.canUse(crop) || this.#view(crop, isStretched)?.seed === seed) continue;
      const bounds = isStretched ? this.facts.stretch?.bounds : undefined;
      const inspection = await this.#client.request('sources.inspect', {
        source: this.source.source,
        crop,
        seed,
        imageSize,
        ...(bounds ? { contrast: bounds } : {}),
      });
      signal.throwIfAborted();
      this.#keep({ crop, isStretched, imageSize }, seed, inspection);
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

  #keep({ crop, isStretched, imageSize }: Viewed, seed: number, { previews }: Inspection): void {
    const side = Math.min(imageSize, SHARPEST_PX);
    const faces = facesOf(previews).map((face) => faceOfSide(face, side));
    this.#views = { ...this.#views, [viewKey(crop, isStretched, imageSize)]: { seed, faces } };
  }
}

/** An inspection, with the files that an earlier one has read: each reads as many as it has time for. */
function withFilesRead(inspection: Inspection, before: Inspection): Inspection {
  const { unreadable, tables, failures } = inspection;
  const known = new Set([...unreadable, ...tables].map(({ file }) => file));
  // A table that was not used before may be used now.
  const further = before.unreadable.filter(({ file }) => !known.has(file));
  return {
    ...inspection,
    unreadable: mergeSkipped(unreadable, further),
    failures: failures + further.length,
    examined: Math.max(inspection.examined, before.examined),
  };
}

function viewKey(crop: CropChoice, isStretched: boolean, imageSize: ImageSize): string {
  return `${crop} ${isStretched ? 'stretched' : 'stored'} ${imageSize}`;
}

/** Whether red, green and blue are the same everywhere. */
function hasNoColour(pixels: Uint8Array): boolean {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return false;
  }
  return true;
}
