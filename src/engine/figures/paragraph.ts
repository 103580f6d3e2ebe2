import type { Mark, TextStyle } from './drawing.ts';
import { textWidth } from './fonts.ts';

/** A piece of running text: plain, or in a style of its own. */
export type Span = string | { readonly text: string; readonly weight?: 600; readonly italic?: true };

/** How a paragraph is set. */
export interface ParagraphStyle extends TextStyle {
  readonly leadingPt: number;
}

/** A word, or the gap between two. */
interface Piece {
  readonly text: string;
  readonly style: TextStyle;
}

function piecesOf(spans: readonly Span[], base: TextStyle): Piece[] {
  return spans.flatMap((span) => {
    const { text, ...own } = typeof span === 'string' ? { text: span } : span;
    const style = Object.keys(own).length ? { ...base, ...own } : base;
    // Words and the gaps between them, both kept.
    return text
      .split(/( +)/)
      .filter((part) => part !== '')
      .map((part) => ({ text: part, style }));
  });
}

/** Joins neighbours of one style, so that a line is few texts. */
function joined(line: readonly Piece[]): Piece[] {
  const runs: Piece[] = [];
  for (const piece of line) {
    const last = runs.at(-1);
    if (last?.style === piece.style)
      runs[runs.length - 1] = { text: last.text + piece.text, style: last.style };
    else runs.push(piece);
  }
  return runs;
}

const isGap = ({ text }: Piece): boolean => text.startsWith(' ');

function linesOf(pieces: readonly Piece[], width: number): Piece[][] {
  const lines: Piece[][] = [[]];
  let used = 0;
  for (let i = 0; i < pieces.length;) {
    // What no gap parts stays together: a comma behind an italic letter.
    let end = i + 1;
    if (!isGap(pieces[i]!)) while (end < pieces.length && !isGap(pieces[end]!)) end++;
    const word = pieces.slice(i, end);
    const wide = word.reduce((sum, { text, style }) => sum + textWidth(text, style), 0);
    if (!isGap(word[0]!) && used > 0 && used + wide > width) {
      lines.push([]);
      used = 0;
    }
    if (!(isGap(word[0]!) && used === 0)) {
      lines.at(-1)!.push(...word);
      used += wide;
    }
    i = end;
  }
  return lines.map((line) => (line.length && isGap(line.at(-1)!) ? line.slice(0, -1) : line));
}

/**
 * Sets running text in lines of a width, ragged on the right.
 *
 * @returns marks whose top left is the origin, and how high they are together
 */
export function layoutParagraph(
  spans: readonly Span[],
  width: number,
  { leadingPt, ...style }: ParagraphStyle,
): { readonly marks: Mark[]; readonly height: number } {
  const marks: Mark[] = [];
  const lines = linesOf(piecesOf(spans, style), width);
  lines.forEach((line, row) => {
    let x = 0;
    const baseline = row * leadingPt + style.sizePt * 0.8 + (leadingPt - style.sizePt) / 2;
    for (const piece of joined(line)) {
      // SVG drops spaces that a text begins with.
      const text = piece.text.trimStart();
      const x0 = x + textWidth(piece.text, piece.style) - textWidth(text, piece.style);
      if (text) marks.push({ kind: 'text', text, x: x0, baseline, style: piece.style });
      x += textWidth(piece.text, piece.style);
    }
  });
  return { marks, height: lines.length * leadingPt };
}
