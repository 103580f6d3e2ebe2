import * as v from 'valibot';

/**
 * Characters that must not be displayed: line ends, control characters that move a terminal's cursor or change
 * its colours (Cc includes Escape and the eight-bit control codes), characters that change the direction of
 * text, and invisible characters.
 */
const UNSEEN =
  /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u00ad\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Makes a text safe to display in a terminal, a window, a figure or a picture: one line, in which control
 * characters are escaped, such as `\u001b` for Escape. Applying it twice changes nothing more.
 */
export function shownText(text: string): string {
  return text.replace(UNSEEN, (character) => NAMED[character] ?? escaped(character));
}

/** Applies {@link shownText} to each line. */
export function shownLines(text: string): string {
  return text.split('\n').map(shownText).join('\n');
}

/**
 * A value as one line of JSON that is safe to print in a terminal. JSON itself escapes only some of the control
 * characters.
 */
export function shownJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSEEN, escaped);
}

/**
 * A text for display: a name, or a sentence that contains names. Control characters are escaped when it is read
 * from a file or received from another process, so that no place that displays it has to do so.
 */
export const ShownTextSchema = v.pipe(v.string(), v.transform(shownText));
