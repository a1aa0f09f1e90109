import type { Occurrence } from '../core/finding.ts';
import { terminalText } from './escape/terminal.ts';
import { shortId } from './words.ts';

const KIND: Readonly<Record<Occurrence['kind'], string>> = {
  file: 'a file',
  blob: 'a blob',
  'commit-message': 'message of commit',
  'tag-message': 'message of tag',
  note: 'note on',
  path: 'the name of',
  stdin: 'standard input',
};

/** `src/a.ts:3:14`, or in words where there is no path. Escaped. */
export function placeText(occurrence: Occurrence): string {
  const { kind, path, line, column } = occurrence;
  if (kind === 'path') return `${KIND.path} ${terminalText(path ?? '')}`;
  if (path !== null) return `${terminalText(path)}:${line}:${column}`;
  return `${subject(occurrence)}, line ${line}`;
}

function subject({ kind, commit, blob }: Occurrence): string {
  const id = kind === 'blob' ? blob : (commit ?? blob);
  return id === null ? KIND[kind] : `${KIND[kind]} ${terminalText(shortId(id))}`;
}
