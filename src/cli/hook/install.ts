import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { isScanError } from '../../errors/base.ts';
import { UsageError } from '../../errors/usage.ts';
import { withBlock, withoutBlock } from './block.ts';
import type { GitHook } from './git-hooks.ts';
import { type HookPlace, type HookSurroundings, hookPlace, isInside, readText } from './place.ts';
import { BEFORE_SUFFIX, hookScript, hookVersion, type Installation, LOCAL_SCRIPT } from './script.ts';

/** What an installation or removal did, for people. */
export interface HookChange {
  readonly place: HookPlace;
  readonly changed: boolean;
  /** A hook that was there before and runs first, or came back. */
  readonly chained: string | null;
}

/** The programs that run now. */
export interface Running {
  readonly node: string;
  readonly script: string;
}

/**
 * Puts the check where git will run it. A hook manager's configuration is left
 * to people: `listed` places are returned unchanged.
 *
 * @throws UsageError `USAGE_HOOK` if two hooks of somebody else's stand in the way, or nothing can be written there
 */
export function installHook(hook: GitHook, around: HookSurroundings, running: Running): HookChange {
  const place = hookPlace(hook, around);
  if (place.how === 'listed') return { place, changed: false, chained: null };
  try {
    return installAt(place, hook, around, running);
  } catch (cause) {
    if (isScanError(cause)) throw cause;
    throw new UsageError('USAGE_HOOK', `${place.file} cannot be written`, {
      mend: 'See that you may write there; if core.hooksPath turns hooks off or points nowhere, unset it: git config --unset core.hooksPath',
      cause,
    });
  }
}

function installAt(
  place: Exclude<HookPlace, { how: 'listed' }>,
  hook: GitHook,
  around: HookSurroundings,
  running: Running,
): HookChange {
  if (place.how === 'file') return installFile(hook, place, installationFor(around, running, place.shared));
  const installation = installationFor(around, running, true);
  refuseLink(place, around);
  const text = readText(place.file);
  const changed = replaceText(place.file, withBlock(text, hook, installation), place.runner === place.file);
  return { place, changed, chained: text === null ? null : place.file };
}

function installFile(hook: GitHook, place: HookPlace & { how: 'file' }, installation: Installation): HookChange {
  const { file } = place;
  const before = `${file}${BEFORE_SUFFIX}`;
  if (isSomebodys(file)) {
    if (exists(before))
      throw new UsageError('USAGE_HOOK', `${file} is not ours, and ${before} is in the way`, {
        mend: `Keep one of the two as ${file} and delete the other, then run this again.`,
      });
    renameSync(file, before);
  }
  const changed = replaceText(file, hookScript(hook, installation), true);
  return { place, changed, chained: exists(before) ? before : null };
}

/** Takes the check out again and puts back what was there. */
export function removeHook(hook: GitHook, around: HookSurroundings): HookChange {
  const place = hookPlace(hook, around);
  if (place.how === 'listed') return { place, changed: false, chained: null };
  return place.how === 'file' ? removeFile(place) : removeBlock(place, around);
}

function removeFile(place: HookPlace & { how: 'file' }): HookChange {
  const before = `${place.file}${BEFORE_SUFFIX}`;
  if (!exists(place.file) || isSomebodys(place.file)) return { place, changed: false, chained: null };
  if (!exists(before)) {
    rmSync(place.file);
    return { place, changed: true, chained: null };
  }
  renameSync(before, place.file);
  return { place, changed: true, chained: place.file };
}

function removeBlock(place: HookPlace & { how: 'block' }, around: HookSurroundings): HookChange {
  refuseLink(place, around);
  const text = readText(place.file);
  if (text === null) return { place, changed: false, chained: null };
  const rest = withoutBlock(text);
  if (rest === null) rmSync(place.file);
  else if (rest !== text) replaceText(place.file, rest, place.runner === place.file);
  return { place, changed: rest !== text, chained: rest === null ? null : place.file };
}

/** A link that came with the repository may lead to a file or folder that is no business of ours. */
function refuseLink({ file }: HookPlace, { top }: HookSurroundings): void {
  const folder = path.dirname(file);
  const led = top !== null && existsSync(folder) && !isInside(realpathSync(top), realpathSync(folder));
  if (!led && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new UsageError('USAGE_HOOK', `${led ? folder : file} is a symbolic link`, {
    mend: 'Put a plain file in its place, then run this again.',
  });
}

/**
 * A hook file that other people get (husky, a tracked hooks folder) names no
 * path of this machine if the project has its own install.
 */
function installationFor({ top }: HookSurroundings, running: Running, shared: boolean): Installation {
  const local = top === null ? null : path.join(top, LOCAL_SCRIPT);
  const isLocal = local !== null && existsSync(local) && realpathSync(local) === realpathSync(running.script);
  if (isLocal && shared) return { node: running.node, script: null };
  return { node: running.node, script: isLocal ? local : running.script };
}

/** True if the hook would be called by a path that npx may delete. */
export function isTemporary(script: string): boolean {
  return script.replaceAll('\\', '/').includes('/_npx/');
}

/** True if other people may get this file with the project. */
export function isSharedPlace(place: HookPlace, { top }: HookSurroundings): boolean {
  return (
    top !== null && place.how !== 'listed' && isInside(top, place.file) && !isInside(path.join(top, '.git'), place.file)
  );
}

function isSomebodys(file: string): boolean {
  return exists(file) && hookVersion(readText(file) ?? '') === null;
}

/** Also true for a dangling symbolic link. */
function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Writes whole or not at all; false if nothing had to change. Keeps the permissions of a file that was there. */
function replaceText(file: string, text: string, executable: boolean): boolean {
  const mode = lstatSync(file, { throwIfNoEntry: false })?.mode;
  const wanted = executable ? (mode ?? 0o755) | 0o111 : (mode ?? 0o644);
  if (readText(file) === text && (mode === wanted || process.platform === 'win32')) return false;
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, text, { flag: 'wx', encoding: 'latin1' });
  chmodSync(temporary, wanted & 0o777);
  renameSync(temporary, file);
  return true;
}
