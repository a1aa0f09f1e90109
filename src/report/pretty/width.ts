const ASCII = /^[\x20-\x7e]*$/;
const ZERO = /^[\p{M}\p{Cf}]/u;
/** Characters that terminals draw two columns wide: CJK, Hangul, kana, full-width forms, emoji. */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}])/u;

/** Colours of our own, which take no column. Escape characters of others never get this far. */
// eslint-disable-next-line no-control-regex
const COLOR = /\x1b\[[\d;]*m/g;

/** Columns that a text takes on a terminal. */
export function displayWidth(painted: string): number {
  const text = painted.replaceAll(COLOR, '');
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += charWidth(character);
  return columns;
}

function charWidth(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Columns to lay text out in: a narrower terminal breaks lines itself, and nobody reads wider ones. */
export function textColumns(terminal = 80): number {
  return Math.min(120, Math.max(60, terminal));
}

/** The text, or as much of its start as fits, with `…` in place of the rest. */
export function truncateEnd(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let used = 1;
  for (const character of text) {
    used += charWidth(character);
    if (used > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The text, or as much of its end as fits: the end of a path says more than its start. */
export function truncateStart(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = Array.from(text);
  let used = 1;
  let first = characters.length;
  while (first > 0 && used + charWidth(characters[first - 1] ?? '') <= columns) {
    first--;
    used += charWidth(characters[first] ?? '');
  }
  return `…${characters.slice(first).join('')}`;
}

/** Lines of at most `columns`, broken between words; a longer word keeps a line to itself, so that it can be copied. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
