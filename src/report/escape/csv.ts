import { terminalText } from './terminal.ts';

/**
 * A quoted CSV cell. A leading apostrophe keeps spreadsheets from reading the
 * text as a formula.
 */
export function csvCell(text: string): string {
  const shown = terminalText(text);
  const guarded = /^\s*[=+\-@|%＝＋－＠]/u.test(shown) ? `'${shown}` : shown;
  return `"${guarded.replaceAll('"', '""')}"`;
}
