import { withEntities } from '../../bytes/markup-entities.ts';
import { terminalText } from './terminal.ts';

/**
 * Text for XML 1.0 or HTML, in an element or a quoted attribute. Characters
 * that XML forbids are spelled out.
 */
export function markupText(text: string): string {
  return withEntities(terminalText(text).replace(/[\ufdd0-\ufdef]|[\ufffe\uffff]/g, '\ufffd'));
}
