import { terminalText } from './terminal.ts';

/** Letters, digits and spaces with a few signs that mean nothing to Markdown, nor to what links mentions and addresses. */
const PLAIN = /^[\p{L}\p{N}](?:[\p{L}\p{N} ,.;?()'’"/-]|: )*$/u;
const LINKED = /\b(?:www|https?|ftp|mailto|gh-\d|[0-9a-f]{7,})\b/i;

/** Prose from outside, such as a title: as it is where it is plain, else as code. */
export function markdownText(text: string): string {
  return PLAIN.test(text) && !LINKED.test(text) ? text : markdownCode(text);
}

/**
 * Text as a code span, which also keeps mentions, issue numbers and addresses
 * from becoming links. Safe within a table cell.
 */
export function markdownCode(text: string): string {
  const shown = terminalText(text).trim();
  if (shown === '') return '';
  // A pipe ends a table cell even in a code span, and parsers differ on escaping it.
  return /[`|\\<>&]/.test(shown) ? `<code>${entities(shown)}</code>` : `\`${shown}\``;
}

/** Nothing but letters, digits and spaces is left for the Markdown parser to see. */
function entities(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M} ]/gu, (character) => `&#${character.codePointAt(0)};`);
}
