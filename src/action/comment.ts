import { LONGEST_COMMENT } from '../github/sticky-comment.ts';
import { type Page, pageText } from './page.ts';

/** Hidden in our comment. Anyone can copy it, so it counts only in a comment of our own account. */
export const COMMENT_MARKER = '<!-- unleak: report on this pull request -->';

const LISTED = 30;

/** The comment on a pull request. Only written where there is something to say, or something to take back. */
export function commentText(page: Omit<Page, 'limit'>, head: string): string {
  const { verdict } = page;
  const resolved = verdict.open.length === 0 && verdict.complete;
  const body = resolved ? resolvedText() : pageText({ ...page, limit: LISTED });
  const tail = `\n\nChecked up to \`${head.slice(0, 10)}\`. This comment is kept up to date.\n`;
  return `${COMMENT_MARKER}\n${fitting(body, LONGEST_COMMENT - COMMENT_MARKER.length - tail.length - 1)}${tail}`;
}

/** Cut between lines, so that no code span is left open. */
function fitting(text: string, most: number): string {
  if (text.length <= most) return text;
  const note = '\n\n… the rest is in the job summary.';
  return text.slice(0, text.lastIndexOf('\n', most - note.length)) + note;
}

function resolvedText(): string {
  return [
    '### ✅ Resolved: no secret in the commits of this pull request any more',
    'What was reported here had been pushed. If it was a real key that is not revoked yet, revoke it: rewriting the branch does not take back what others may have fetched.',
  ].join('\n\n');
}
