import { existsSync, statSync } from 'node:fs';
import path from 'node:path';

import { shellWord } from '../shell-word.ts';
import { blockVersion } from './block.ts';
import type { GitHook } from './git-hooks.ts';
import { type HookPlace, type HookSurroundings, hookPlace, readText } from './place.ts';
import { calledScript, HOOK_VERSION, hookVersion } from './script.ts';

/** What is wrong with a hook, or `ok`. */
export type HookState = 'ok' | 'missing' | 'shadowed' | 'not-executable' | 'outdated' | 'broken' | 'inactive';

export interface HookReport {
  readonly hook: GitHook;
  readonly state: HookState;
  readonly place: HookPlace;
  /** One sentence for people. */
  readonly message: string;
  /** What to do; empty when all is well. */
  readonly mend: string;
}

/** Whether git will run the check before the next commit. */
export function hookReport(hook: GitHook, around: HookSurroundings): HookReport {
  const place = hookPlace(hook, around);
  const [state, message, mend] = judge(hook, place, around);
  return { hook, state, place, message, mend };
}

type Verdict = readonly [state: HookState, message: string, mend: string];

function installing(hook: GitHook): string {
  return hook === 'pre-commit' ? 'unleak hook install' : `unleak hook install ${hook}`;
}

function judge(hook: GitHook, place: HookPlace, around: HookSurroundings): Verdict {
  switch (place.how) {
    case 'listed':
      return judgeListed(hook, place);
    case 'block':
      return judgeBlock(hook, place, around);
    case 'file':
      return judgeFile(hook, place.file, around);
  }
}

function judgeListed(hook: GitHook, { manager, file, runner }: HookPlace & { how: 'listed' }): Verdict {
  const name = path.basename(file);
  const command = managerCommand(manager, hook);
  const names = hook === 'pre-commit' ? ['unleak'] : [`hook run ${hook}`, `unleak-${hook}`];
  const text = readText(file) ?? '';
  if (!names.some((wanted) => text.includes(wanted)))
    return ['missing', `${name} does not name unleak`, `${installing(hook)} prints what to add`];
  if (!(readText(runner) ?? '').includes(manager))
    return ['inactive', `${name} names unleak, but ${manager} has not installed its hook in this clone`, command];
  return ['ok', `${manager} runs unleak, as ${name} says`, ''];
}

/** How a manager puts its own hook in place. The framework does so for each kind of hook apart. */
export function managerCommand(manager: 'lefthook' | 'pre-commit', hook: GitHook): string {
  if (manager === 'lefthook') return 'lefthook install';
  return hook === 'pre-commit' ? 'pre-commit install' : `pre-commit install --hook-type ${hook}`;
}

function judgeBlock(hook: GitHook, place: HookPlace & { how: 'block' }, around: HookSurroundings): Verdict {
  const text = readText(place.file);
  const version = blockVersion(text ?? '');
  if (text === null || version === null) return missing(hook, place.file, around);
  if (!place.active || !existsSync(place.runner))
    return ['inactive', `${place.file} calls unleak, but husky is not set up in this clone`, 'npx husky'];
  if (place.runner === place.file && !isExecutable(place.file)) return notExecutable(place.file);
  return judgeCall(hook, place.file, text, version, around);
}

function judgeFile(hook: GitHook, file: string, around: HookSurroundings): Verdict {
  const text = readText(file);
  const version = hookVersion(text ?? '');
  if (text === null || version === null) return missing(hook, file, around);
  return isExecutable(file) ? judgeCall(hook, file, text, version, around) : notExecutable(file);
}

function judgeCall(hook: GitHook, file: string, text: string, version: number, { top }: HookSurroundings): Verdict {
  if (version !== HOOK_VERSION) return ['outdated', `${file} was written by another release`, installing(hook)];
  const script = calledScript(text);
  if (script !== null && existsSync(path.resolve(top ?? '/', script))) return ['ok', `${file} calls unleak`, ''];
  return ['broken', `${file} calls ${script ?? 'nothing'}, which is not there`, installing(hook)];
}

/** A hook of ours may stand where git does not look. */
function missing(hook: GitHook, file: string, { hooksDir, plainDir, hooksPath }: HookSurroundings): Verdict {
  const elsewhere = path.join(plainDir, hook);
  if (hooksDir !== plainDir && hookVersion(readText(elsewhere) ?? '') !== null) {
    const why = `core.hooksPath (${hooksPath?.scope ?? ''}) is ${hooksPath?.value ?? ''}`;
    return ['shadowed', `${elsewhere} calls unleak, but git does not look there: ${why}`, installing(hook)];
  }
  if (hooksPath !== null && isNoFolder(hooksDir)) {
    const scope = hooksPath.scope === 'global' ? '--global ' : '';
    return ['missing', `${hooksDir} is no folder, so git runs no hook`, `git config ${scope}--unset core.hooksPath`];
  }
  return ['missing', `${file} does not call unleak`, installing(hook)];
}

/** `/dev/null`, or below it: a way to turn hooks off. What is not there yet can be made. */
function isNoFolder(name: string): boolean {
  try {
    return statSync(name, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return true;
  }
}

function notExecutable(file: string): Verdict {
  return ['not-executable', `${file} is not executable, so git passes over it`, `chmod +x ${shellWord(file)}`];
}

/** Windows has no such bit; git for Windows runs every hook. */
function isExecutable(file: string): boolean {
  return process.platform === 'win32' || ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0;
}
