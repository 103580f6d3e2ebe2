import * as v from 'valibot';

/**
 * What a name from a file must not do where it is shown: end a line, move a terminal's cursor or colour it (Cc holds
 * Escape and the eight-bit control codes), turn the direction in which text is read, or be there without being seen.
 */
const UNSEEN =
  /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u00ad\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * A text as it is shown to people, in a terminal, a window, a figure or a picture: one line, in which control characters
 * are written out, such as `\u001b` for Escape. A text that was shown once stays as it is.
 */
export function shownText(text: string): string {
  return text.replace(UNSEEN, (character) => NAMED[character] ?? escaped(character));
}

/** Several lines, each as {@link shownText}. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownText).join('\n');
}

/** A value as one line of JSON that does nothing to a terminal: JSON itself escapes but a part of what could. */
export function shownJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSEEN, escaped);
}

/**
 * A text that people are shown: a name, or a sentence with names in it. Control characters are written out as soon as it
 * is read from a file or comes from another process, so that every place that shows it does right.
 */
export const ShownTextSchema = v.pipe(v.string(), v.transform(shownText));
