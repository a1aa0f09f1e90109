const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON text opens more brackets within brackets than it should. A
 * parser takes some fifty bytes of memory for each, so this is asked before.
 *
 * @param text - valid JSON or not
 */
export function nestsDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at + 1);
    // `[` and `{`, `]` and `}`
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > most) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

/** Index of the closing quote. */
function stringEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
  return at;
}
