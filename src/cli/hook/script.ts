import { type GitHook, readsRefs } from './git-hooks.ts';

/** Grows when the text of a written hook changes in a way that old ones should be renewed for. */
export const HOOK_VERSION = 1;

/** What a hook that was there before is renamed to. */
export const BEFORE_SUFFIX = '.before-unleak';

/** Where a project's own install keeps the command, from the top of the work tree. */
export const LOCAL_SCRIPT = 'node_modules/unleak/dist/bin/unleak.cjs';

/** The programs a hook calls: those that installed it. */
export interface Installation {
  /** Absolute path of the node that runs now. */
  readonly node: string;
  /** Absolute path of the script that runs now; null where only the project's own install is to be called. */
  readonly script: string | null;
}

/** What git tells on standard input, kept for everybody who wants to read it. */
export const READ_REFS = 'unleak_refs=$(cat)';
const REFS_AGAIN = 'printf "${unleak_refs:+%s\\n}" "$unleak_refs" | ';

/**
 * Shell lines that end in the check, or in a refusal: a hook that cannot run
 * must not let a commit pass as checked.
 */
export function callLines(hook: GitHook, { node, script }: Installation): string[] {
  const call = `${readsRefs(hook) ? REFS_AGAIN : ''}"$unleak_node" "$unleak_script" hook run ${hook} "$@"`;
  const deed = readsRefs(hook) ? 'push' : 'commit';
  const named = hook === 'pre-commit' ? '' : ` ${hook}`;
  const leave = hook === 'pre-receive' ? '' : `git ${deed} --no-verify, then `;
  return [
    ...(script === null ? [] : [`unleak_node=${quote(node)}`, `unleak_script=${quote(script)}`]),
    ...(script === null
      ? ['unleak_node=node', `unleak_script=${LOCAL_SCRIPT}`]
      : [
          'command -v "$unleak_node" >/dev/null 2>&1 || unleak_node=node',
          `[ -f "$unleak_script" ] || unleak_script=${LOCAL_SCRIPT}`,
        ]),
    'if [ ! -f "$unleak_script" ] || ! command -v "$unleak_node" >/dev/null 2>&1; then',
    `  echo "unleak: this ${deed} is not checked for secrets: the command that the hook calls is gone" >&2`,
    `  echo "  mend: npm install, or: npx unleak hook install${named}; to leave it for good: ${leave}delete $0" >&2`,
    '  exit 1',
    'fi',
    // Not `exec`: in a hook that people keep, lines may follow.
    `${call} || exit $?`,
  ];
}

/** A hook file of our own: what was there before runs first, then the check. */
export function hookScript(hook: GitHook, installation: Installation): string {
  return [
    '#!/bin/sh',
    `# unleak-hook ${HOOK_VERSION} ${hook}`,
    '# Written by `unleak hook install`. `unleak hook remove` takes it out and puts back what was here.',
    `unleak_before="$\{0%/*}/${hook}${BEFORE_SUFFIX}"`,
    ...(readsRefs(hook) ? [READ_REFS] : []),
    `if [ -x "$unleak_before" ]; then ${readsRefs(hook) ? REFS_AGAIN : ''}"$unleak_before" "$@" || exit $?; fi`,
    ...callLines(hook, installation),
    '',
  ].join('\n');
}

/** The version of a hook file that we wrote, or null if somebody else did. */
export function hookVersion(text: string): number | null {
  const match = /^#!\/bin\/sh\n# unleak-hook (\d{1,6}) \S+\n/.exec(text);
  return match ? Number(match[1]) : null;
}

/** The script that a hook or block of ours calls first, as written in it. */
export function calledScript(text: string): string | null {
  const match = /^unleak_script=(?:'((?:[^'\n]|'\\'')*)'|(\S+))$/m.exec(text);
  if (!match) return null;
  const bytes = match[2] ?? (match[1] ?? '').replaceAll(`'\\''`, `'`);
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Git for Windows runs hooks in its own sh, which wants forward slashes. Hook
 * files are handled as latin1, so that foreign bytes in them survive.
 */
function quote(file: string): string {
  const bytes = Buffer.from(file.replaceAll('\\', '/')).toString('latin1');
  return `'${bytes.replaceAll("'", `'\\''`)}'`;
}
