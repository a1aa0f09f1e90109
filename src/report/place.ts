import type { Occurrence } from '../core/finding.ts';
import { terminalText } from './escape/terminal.ts';
import { shortId, shortRef } from './words.ts';

/** Messages are scanned with the headers before them, so their lines are those that this shows. */
const OBJECT_LINES = '(git cat-file -p)';

/** `src/a.ts:3:14`, or in words where there is no path. Escaped. */
export function placeText(occurrence: Occurrence): string {
  const { kind, commit, blob } = occurrence;
  const path = terminalText(occurrence.path ?? '');
  switch (kind) {
    case 'path':
      return `the name of ${path}`;
    case 'note':
      return `note on ${shortId(path)}${notesRef(occurrence)}, ${lineText(occurrence)}`;
    case 'commit-message':
      // One that is being written is in no object yet.
      if (commit === null && blob === null) return `the commit's message, ${lineText(occurrence)}`;
      return `message of commit ${idText(commit ?? blob)}, ${lineText(occurrence)} ${OBJECT_LINES}`;
    case 'tag-message':
      return `message of tag ${tagName(occurrence) ?? idText(blob)}, ${lineText(occurrence)} ${OBJECT_LINES}`;
    case 'stdin':
      return pointIn('standard input', occurrence);
    case 'file':
      return pointIn(path || 'a file', occurrence);
    case 'blob':
      return occurrence.path === null ? `blob ${idText(blob)}, ${lineText(occurrence)}` : pointIn(path, occurrence);
  }
}

/** The file that a tool can open at the place's line, or null: a note, a message and a name are in none. */
export function fileOf({ kind, path }: Occurrence): string | null {
  return kind === 'file' || kind === 'blob' ? path : null;
}

function pointIn(text: string, occurrence: Occurrence): string {
  const { line, column, located } = occurrence;
  return located === false ? `${text}, ${lineText(occurrence)}` : `${text}:${line}:${column}`;
}

function lineText({ line, offset, located }: Occurrence): string {
  return located === false ? `at byte ${offset}` : `line ${line}`;
}

function idText(id: string | null): string {
  return terminalText(shortId(id ?? 'unknown'));
}

function notesRef({ heldBy }: Occurrence): string {
  const held = heldBy.find(({ ref }) => ref.startsWith('refs/notes/'));
  return held === undefined ? '' : ` (${terminalText(held.ref)})`;
}

function tagName({ heldBy }: Occurrence): string | null {
  const held = heldBy.find(({ ref }) => ref.startsWith('refs/tags/'));
  return held === undefined ? null : terminalText(shortRef(held.ref));
}
