/** Words that have an order of their own; words of one step mean the same. In lower case. */
const SCALES: readonly (readonly (readonly string[])[])[] = [
  [
    ['zero'],
    ['very low'],
    ['low', 'lo'],
    ['medium', 'med', 'mid', 'middle', 'moderate', 'intermediate'],
    ['high', 'hi'],
    ['very high'],
  ],
  [
    ['xs', 'tiny', 'very small'],
    ['s', 'small'],
    ['m', 'medium'],
    ['l', 'large', 'big'],
    ['xl', 'very large'],
  ],
  [['normal', 'healthy'], ['minimal'], ['mild'], ['moderate'], ['severe'], ['critical']],
  [['negative', 'neg'], ['weak', 'trace'], ['positive', 'pos'], ['strong']],
  [['never'], ['rarely'], ['sometimes'], ['often'], ['always']],
  [['very poor'], ['poor', 'bad'], ['fair'], ['good'], ['very good'], ['excellent']],
  [['early'], ['mid', 'middle'], ['late']],
  [['baseline', 'before', 'pre'], ['during'], ['after', 'post'], ['follow-up']],
  [['young'], ['adult', 'middle-aged'], ['old', 'aged']],
  [
    ['mon', 'monday'],
    ['tue', 'tuesday'],
    ['wed', 'wednesday'],
    ['thu', 'thursday'],
    ['fri', 'friday'],
    ['sat', 'saturday'],
    ['sun', 'sunday'],
  ],
  [
    ['jan', 'january'],
    ['feb', 'february'],
    ['mar', 'march'],
    ['apr', 'april'],
    ['may'],
    ['jun', 'june'],
    ['jul', 'july'],
    ['aug', 'august'],
    ['sep', 'september'],
    ['oct', 'october'],
    ['nov', 'november'],
    ['dec', 'december'],
  ],
];

const natural = new Intl.Collator('en', { numeric: true });

/** The places of the words on a scale that has all of them; undefined if none has. */
function placesOnScale(words: readonly string[]): number[] | undefined {
  const lower = words.map((word) => word.toLowerCase());
  for (const scale of SCALES) {
    const places = lower.map((word) => scale.findIndex((step) => step.includes(word)));
    if (places.every((place) => place >= 0) && new Set(places).size === places.length) return places;
  }
  return undefined;
}

/** Compares words as people number them, `well 2` before `well 10`; the same in every locale. */
function compareNaturally(a: string, b: string): number {
  return natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Whether every word's rows stand together, one word after the other, as in a table that a person has sorted.
 *
 * @param codes - each row's word
 */
function isSortedByWords(codes: ArrayLike<number>, isWord: (code: number) => boolean): boolean {
  const seen = new Set<number>();
  let last = -1;
  let rows = 0;
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (!isWord(code)) continue;
    rows += 1;
    if (code !== last && seen.has(code)) return false;
    seen.add(code);
    last = code;
  }
  return rows > seen.size;
}

/** Sorts words: by a known scale such as low, medium, high; else naturally. */
export function sortWords(words: readonly string[]): string[] {
  const places = placesOnScale(words);
  if (!places) return words.toSorted(compareNaturally);
  return words
    .map((word, i) => ({ word, place: places[i]! }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ word }) => word);
}

/**
 * The order of a column's words: by a known scale such as low, medium, high; else the table's order, if the rows of
 * every word stand together and no word has a number in it; else naturally.
 *
 * @param texts - in the order of their first rows
 * @param codes - each row's text
 * @param words - those of the texts that are not empty
 */
export function orderWords(
  texts: readonly string[],
  codes: ArrayLike<number>,
  words: readonly string[],
): string[] {
  const known = new Set(words);
  const isInTableOrder =
    !placesOnScale(words) &&
    !words.some((word) => /\d/.test(word)) &&
    isSortedByWords(codes, (code) => known.has(texts[code]!));
  return isInTableOrder ? [...words] : sortWords(words);
}
