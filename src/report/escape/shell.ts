import { terminalText } from './terminal.ts';

/** A word to paste into a POSIX shell, or null for one that is better not pasted. */
export function shellWord(text: string): string | null {
  if (terminalText(text) !== text) return null;
  return /^[\w@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
