import { type GitHook, readsRefs } from './git-hooks.ts';
import { callLines, HOOK_VERSION, type Installation, READ_REFS } from './script.ts';

/**
 * The marked lines that we add at the end of a hook file that people keep by
 * hand (husky). The marker says how to undo it byte for byte.
 */
const BEGIN = /^# unleak-hook (\d{1,6}) \S+ begin(?: \((created|joined)\))?$/m;
const END = '# unleak-hook end\n';

type Undo = 'created' | 'joined' | '';

/**
 * The file with our lines in it, in place of older ones: at its end, or, where
 * lines before ours could read away what git tells, at its beginning.
 */
export function withBlock(text: string | null, hook: GitHook, installation: Installation): string {
  const own = text === null ? null : withoutBlock(text);
  const before = own === null ? '' : readsRefs(hook) ? preambleOf(own) : own;
  const undo: Undo = own === null ? 'created' : before === '' || before.endsWith('\n') ? '' : 'joined';
  const note = undo === '' ? '' : ` (${undo})`;
  const lines = readsRefs(hook)
    ? [READ_REFS, ...callLines(hook, installation), TELL_REFS]
    : callLines(hook, installation);
  const block = [`# unleak-hook ${HOOK_VERSION} ${hook} begin${note}`, ...lines, END].join('\n');
  return `${before}${undo === 'joined' ? '\n' : ''}${block}${own?.slice(before.length) ?? ''}`;
}

/** What follows reads on as if nobody had read before. */
const TELL_REFS = [
  'exec </dev/null',
  'if [ -n "$unleak_refs" ]; then exec <<unleak_end',
  '$unleak_refs',
  'unleak_end',
  'fi',
].join('\n');

/** The interpreter's line, and the one by which older versions of husky set themselves up. */
function preambleOf(text: string): string {
  return /^(?:#!.*(?:\n|$))?(?:(?:[ \t]*|\.[ \t].*husky\.sh.*)(?:\n|$))*/.exec(text)?.[0] ?? '';
}

/** The file as it was before; null if we had created it and nobody added to it. */
export function withoutBlock(text: string): string | null {
  const begin = BEGIN.exec(text);
  if (!begin) return text;
  const end = text.indexOf(END, begin.index);
  const after = end === -1 ? '' : text.slice(end + END.length);
  const before = text.slice(0, begin.index);
  if (begin[2] === 'created' && before === '' && after === '') return null;
  return (begin[2] === 'joined' && after === '' ? before.slice(0, -1) : before) + after;
}

/** The version of our lines in a file, or null if it has none. */
export function blockVersion(text: string): number | null {
  const match = BEGIN.exec(text);
  return match ? Number(match[1]) : null;
}
