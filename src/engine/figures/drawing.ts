import type { Colour, Picture } from '../pictures/picture.ts';
import { shownText } from '../../contract/shown-text.ts';

/** How a text is set. Sizes and all other lengths of a drawing are in points, 72 to the inch. */
export interface TextStyle {
  /** `sans` is Inter, `serif` STIX Two Text. */
  readonly family: 'sans' | 'serif';
  readonly sizePt: number;
  /** 400 if left out. */
  readonly weight?: 400 | 600;
  readonly italic?: boolean;
  readonly colour: Colour;
}

/** A picture; every pixel is a square. */
export interface ImageMark {
  readonly kind: 'image';
  readonly picture: Picture;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One line of text in one style. */
export interface TextMark {
  readonly kind: 'text';
  readonly text: string;
  readonly x: number;
  /** The baseline of the text. */
  readonly baseline: number;
  readonly style: TextStyle;
  readonly align?: 'left' | 'middle' | 'right';
  /** Reads upwards, about the point that it is aligned at. */
  readonly isTurned?: boolean;
}

/** A line through points, or the area inside them. */
export interface PathMark {
  readonly kind: 'path';
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly stroke?: { readonly colour: Colour; readonly width: number; readonly dash?: readonly number[] };
  /** Joins the last point with the first. */
  readonly fill?: { readonly colour: Colour; readonly opacity: number };
}

/** A filled disc. */
export interface DiscMark {
  readonly kind: 'disc';
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: Colour;
}

export type Mark = ImageMark | TextMark | PathMark | DiscMark;

/** A figure as marks on white paper, later ones over earlier ones: what PNG, SVG and PDF are all made from. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** A title for screen readers. */
  readonly title: string;
  readonly marks: readonly Mark[];
}

/** A drawing whose texts have no control characters, which no file of it could hold. */
export function shownDrawing({ title, marks, ...size }: Drawing): Drawing {
  return {
    ...size,
    title: shownText(title),
    marks: marks.map((mark) => (mark.kind === 'text' ? { ...mark, text: shownText(mark.text) } : mark)),
  };
}

/** Moves marks that were laid out from the origin. */
export function moved(marks: readonly Mark[], x: number, y: number): Mark[] {
  return marks.map((mark): Mark => {
    switch (mark.kind) {
      case 'text':
        return { ...mark, x: mark.x + x, baseline: mark.baseline + y };
      case 'path':
        return { ...mark, points: mark.points.map(([px, py]) => [px + x, py + y] as const) };
      default:
        return { ...mark, x: mark.x + x, y: mark.y + y };
    }
  });
}
