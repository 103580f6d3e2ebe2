import type { DatasetInfo } from '../../contract/dataset.ts';
/** How a scatter is looked at: along all three axes, or flat, at the first two. */
export type Space = '3d' | '2d';
/** What stands at the place of each point. */
export type PointsAs = 'dots' | 'faces';

const SPACE = 'unravel.scatter.space';
const POINTS_AS = 'unravel.scatter.points';

/** Two axes show enough where the third one holds less than this part of what the second one holds, … */
const THIRD_OF_SECOND = 1 / 3;
/** … or where the two hold at least this part of the variance. */
const HELD_BY_TWO = 0.9;
/** Faces are shown first where they are so few that a good part of them has room side by side. */
const MOST_FACES_FIRST = 500;

/**
 * Whether two axes show enough of the points that a flat picture is the better first one.
 *
 * @param variance - parts of the whole variance that the axes hold, in descending order
 */
export function showsEnoughFlat([first = 0, second = 0, third = 0]: readonly number[]): boolean {
  return third < second * THIRD_OF_SECOND || first + second >= HELD_BY_TWO;
}

/** How scatters are looked at, in every view: as a person chose last, or as suits the points where nobody has chosen. */
export class ScatterView {
  #space = $state<Space | undefined>(stored(SPACE, ['3d', '2d']));
  #pointsAs = $state<PointsAs | undefined>(stored(POINTS_AS, ['dots', 'faces']));

  /** Flat or not, for points with three axes. */
  spaceFor(variance: readonly number[] | undefined): Space {
    return this.#space ?? (variance && showsEnoughFlat(variance) ? '2d' : '3d');
  }

  chooseSpace(space: Space): void {
    this.#space = space;
    localStorage.setItem(SPACE, space);
  }

  pointsAsFor({ images, kind }: Pick<DatasetInfo, 'images' | 'kind'>): PointsAs {
    // Points without images have nothing else to show.
    if (kind === 'points') return 'dots';
    return this.#pointsAs ?? (images <= MOST_FACES_FIRST ? 'faces' : 'dots');
  }

  choosePointsAs(pointsAs: PointsAs): void {
    this.#pointsAs = pointsAs;
    localStorage.setItem(POINTS_AS, pointsAs);
  }
}

function stored<T extends string>(key: string, known: readonly T[]): T | undefined {
  const value = localStorage.getItem(key);
  return known.find((each) => each === value);
}
