import { encodeCondition } from '../../contract/condition.ts';
import type { Column } from '../../contract/dataset.ts';
import { nearestOrSame, type Dimension, type LinearProjection } from '../../contract/operations/codes.ts';
import type { PageDescription } from '../../contract/page.ts';
import { tensor } from '../../contract/tensor.ts';
import type { FaceImage } from '../components/face.ts';
import { counted } from '../components/format.ts';
import { showsEnoughFlat, type PointsAs, type Space } from '../state/scatter-view.svelte.ts';
import { fileName } from '../views/explore/numbers.ts';
import type { PathSource } from '../views/explore/scatter/latent-path-data.ts';
import type { ColourSource } from '../views/explore/scatter/points.svelte.ts';
import { codeAt, hasThirdAxis, placeOf, type Place } from '../views/explore/state/linear-projection.ts';
import { LiveCode, withCoordinate, type Decode } from '../views/explore/state/live-code.svelte.ts';
import type { PageDecoder } from './decoder/page-decoder.ts';
import type { PageTheme } from './page-theme.svelte.ts';
import type { PageData } from './read-page.ts';
import type { Thumbnails } from './thumbnails.ts';

/** The point whose code the path begins at. */
interface PinnedPoint {
  readonly index: number;
  readonly name: string;
  /** What a page knows of a posterior: no spread, and the own condition of a conditional model. */
  readonly posterior: { readonly logVar: null; readonly condition?: number };
}

/** One number of the standard normal distribution (Box and Muller 1958). */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** One of a dimension's learned values, as often as the training images have it; a normal number where it has none. */
function drawn({ values }: Dimension): number {
  if (!values?.length) return normal();
  let rest = Math.random();
  return (values.find(({ share }) => (rest -= share) < 0) ?? values.at(-1)!).value;
}

/** A page: its points on three axes, the pinned one, and the live code. */
export class PageState implements ColourSource, PathSource {
  readonly description: PageDescription;
  readonly app: ColourSource['app'];
  readonly live: LiveCode;
  readonly dataset: { readonly images: number; readonly columns: Column[] };
  readonly dimensions: readonly Dimension[];
  readonly order: readonly number[];
  readonly split: Uint8Array | undefined;
  readonly projection: LinearProjection;
  readonly thumbnails: Thumbnails | undefined;
  readonly hasThirdAxis: boolean;
  pinned = $state.raw<PinnedPoint | undefined>();
  space = $state<Space>('3d');
  pointsAs = $state<PointsAs>('dots');
  /** Why the last thing that was tried has failed. */
  failure = $state<string | undefined>();
  readonly isFlat = $derived.by(() => this.space === '2d');
  readonly movedCount = $derived.by(() => {
    const start = this.live.undoStack[0];
    return start ? this.live.z.filter((value, l) => value !== start[l]).length : 0;
  });
  readonly #data: PageData;
  readonly #decoder: PageDecoder;

  constructor(data: PageData, decoder: PageDecoder, thumbnails: Thumbnails | undefined, theme: PageTheme) {
    const { description, codes, split } = data;
    const { columns, dimensions, latentDim, points, projection } = description;
    this.#data = data;
    this.#decoder = decoder;
    this.description = description;
    this.thumbnails = thumbnails;
    this.split = split;
    this.app = { theme, attempt: (work) => this.attempt(work) };
    this.dataset = { images: points, columns: columns.map(({ column }) => column) };
    this.dimensions = dimensions;
    this.order = dimensions
      .toSorted((a, b) => b.kl - a.kl || b.deviation - a.deviation)
      .map(({ dimension }) => dimension);
    // Principal components are orthonormal.
    const basis = tensor('f32', [3, latentDim], Float32Array.from(projection.basis));
    const map = {
      ...{ basis, inverse: basis },
      mean: tensor('f32', [latentDim], Float32Array.from(projection.mean)),
    };
    const positions = Float32Array.from(codes.flatMap((code) => placeOf(map, code)));
    this.projection = {
      kind: 'linear',
      ...map,
      positions: tensor('f32', [points, 3], positions),
      variance: [...projection.variance],
    };
    this.hasThirdAxis = hasThirdAxis(this.projection);
    if (!this.hasThirdAxis || showsEnoughFlat(projection.variance)) this.space = '2d';
    this.live = new LiveCode(this.decode, (error) => this.#fail(error));
    this.pin(0);
  }

  /** Decodes a code. */
  readonly decode: Decode = async (z, condition) => {
    const { imageSize, channels, condition: of } = this.description;
    const row = of && encodeCondition(of.of, [condition ?? of.of.usual]);
    const data = await this.#decoder.decode(z, row);
    return { width: imageSize, height: imageSize, channels, data };
  };

  /** Does something that may fail, and says so where it does. */
  attempt(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => this.#fail(error));
  }

  nameOf(dimension: number): string | undefined {
    return this.dimensions[dimension]?.name;
  }

  /** A point's name; without the images only its number is known. */
  nameOfPoint(point: number): string {
    const name = this.description.names?.[point];
    return name === undefined ? `Image ${point + 1}` : fileName(name);
  }

  columnValues(column: string): Promise<Float32Array> {
    return Promise.resolve(
      this.#data.values.get(column) ?? new Float32Array(this.dataset.images).fill(Number.NaN),
    );
  }

  dimensionValues(dimension: number): Promise<Float32Array> {
    return Promise.resolve(Float32Array.from(this.#data.codes, (code) => code[dimension]!));
  }

  /** What stands for a point: its thumbnail, or, in a page without images, its decoded code. */
  async pictureOf(point: number): Promise<FaceImage | undefined> {
    return this.thumbnails?.of(point) ?? this.decode(this.#data.codes[point]!, this.#ownCondition(point));
  }

  placeOf(code: Float32Array): Place {
    return placeOf(this.projection, code);
  }

  get livePlace(): Place {
    return this.placeOf(this.live.z);
  }

  /** Puts the live code on a point's code. */
  pin(index: number): void {
    const code = this.#data.codes[index];
    if (!code) return;
    const condition = this.#ownCondition(index);
    this.pinned = {
      index,
      name: this.nameOfPoint(index),
      posterior: { logVar: null, ...(condition === undefined ? {} : { condition }) },
    };
    // Half precision has rounded the code; the learned values are exact.
    const exact = code.map((number, l) => nearestOrSame(this.dimensions[l]?.values, number));
    this.live.begin(exact, undefined, condition ?? this.description.condition?.of.usual);
  }

  /** The next point or the one before, round at the ends. */
  step(by: number): void {
    const { images } = this.dataset;
    this.pin(((this.pinned?.index ?? 0) + by + images) % images);
  }

  /** Moves the live code to a place of the scatter. */
  goTo(place: Place): void {
    this.live.jump(codeAt(this.projection, place, this.live.z));
  }

  /** Starts a new path at a code drawn from the prior. */
  samplePrior(): void {
    const condition = (this.pinned ? undefined : this.live.condition) ?? this.description.condition?.of.usual;
    this.pinned = undefined;
    this.live.begin(Float32Array.from(this.dimensions, drawn), undefined, condition);
  }

  /** Moves the live code to where the path begins. */
  toStart(): void {
    const start = this.live.undoStack[0];
    if (start) this.live.jump(start);
  }

  restingValue(dimension: number): number {
    return this.live.undoStack[0]?.[dimension] ?? 0;
  }

  moveDimension(dimension: number, value: number): void {
    if (this.live.z[dimension] !== Math.fround(value))
      this.live.move(withCoordinate(this.live.z, dimension, value));
  }

  setDimension(dimension: number, value: number): void {
    this.moveDimension(dimension, value);
    this.live.commit();
  }

  nudgeDimension(dimension: number, value: number): void {
    this.live.nudge(withCoordinate(this.live.z, dimension, value), `z${dimension}`);
  }

  /** `5,000 of 8,000 codes`. */
  get countText(): string {
    const { images, points } = this.description;
    return points < images
      ? `${points.toLocaleString('en')} of ${counted(images, 'code')}`
      : counted(points, 'code');
  }

  #ownCondition(point: number): number | undefined {
    return this.description.condition?.own[point] ?? undefined;
  }

  #fail(error: unknown): void {
    this.failure = error instanceof Error ? error.message : String(error);
  }
}
