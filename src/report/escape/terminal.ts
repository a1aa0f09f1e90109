/**
 * Everything a terminal obeys or does not draw: control characters (ESC and C1
 * among them), bidirectional and zero-width characters, other separators,
 * default-ignorable characters such as tags and variation selectors, and lone
 * surrogates.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line of text that shows what a hostile name holds instead of acting on it. */
export function terminalText(text: string): string {
  return text.replace(UNSEEN, (character) => SHORT[character] ?? spelled(character.codePointAt(0) ?? 0));
}

function spelled(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
