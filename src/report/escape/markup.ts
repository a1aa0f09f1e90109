import { terminalText } from './terminal.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for XML 1.0 or HTML, in an element or a quoted attribute. Characters
 * that XML forbids are spelled out.
 */
export function markupText(text: string): string {
  return terminalText(text)
    .replace(/[\ufdd0-\ufdef]|[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
