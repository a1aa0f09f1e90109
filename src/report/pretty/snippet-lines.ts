import type { Occurrence } from '../../core/finding.ts';
import { terminalText } from '../escape/terminal.ts';
import { FOCUS_MASK } from '../snippet.ts';
import type { Paint } from './paint.ts';
import { displayWidth, truncateEnd } from './width.ts';

/**
 * The masked line behind its number, and below it a mark under the secret.
 * Empty where there is no snippet.
 *
 * @param lastFour - of the secret, which follow the mask if they are shown
 */
export function snippetLines(
  { snippet, line }: Occurrence,
  lastFour: string | undefined,
  paint: Paint,
  columns: number,
): string[] {
  if (snippet === undefined || snippet === '') return [];
  const gutter = `${String(line).padStart(7)} │ `;
  const room = Math.max(20, columns - gutter.length);
  const shown = truncateEnd(fromNear(terminalText(snippet.replaceAll('\t', '  ')), room), room);
  const at = shown.indexOf(FOCUS_MASK);
  if (at < 0) return [paint('dim', gutter) + shown];
  const tailed = FOCUS_MASK + (lastFour ?? '');
  const mask = shown.startsWith(tailed, at) ? tailed : FOCUS_MASK;
  const [before, after] = [shown.slice(0, at), shown.slice(at + mask.length)];
  return [
    paint('dim', gutter) + before + paint('red', mask) + after,
    paint('dim', '│ '.padStart(gutter.length)) +
      ' '.repeat(displayWidth(before)) +
      paint('red', '^'.repeat(mask.length)),
  ];
}

/** Without the beginning, where the secret would stand beyond the room that there is. */
function fromNear(text: string, room: number): string {
  const at = text.indexOf(FOCUS_MASK);
  if (at + FOCUS_MASK.length + 4 < room) return text;
  return `…${text.slice(at - Math.floor(room / 3)).replace(/^[\udc00-\udfff]/, '')}`;
}
