/** What a terminal might act on; JSON leaves it as it is above U+001F. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{DI}]/gu;

/**
 * JSON in which nothing outside of printable characters stands raw, so that a
 * report printed to a terminal or pasted into a script stays inert. Equal,
 * for every parser, to what `JSON.stringify` gives.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNSEEN, escaped);
}

function escaped(character: string): string {
  let units = '';
  for (let i = 0; i < character.length; i++) {
    units += `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`;
  }
  return units;
}
