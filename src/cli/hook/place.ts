import { existsSync } from 'node:fs';
import path from 'node:path';

import { latin1 } from '../../bytes/latin1.ts';
import { readPlainFile } from '../../bytes/plain-file.ts';
import type { GitHook } from './git-hooks.ts';

/** What git says about hooks, gathered once. All paths are absolute. */
export interface HookSurroundings {
  /** Top of the work tree; null in a bare repository. */
  readonly top: string | null;
  /** Where git looks for hooks now. */
  readonly hooksDir: string;
  /** Where it would look without `core.hooksPath`. */
  readonly plainDir: string;
  readonly hooksPath: { readonly value: string; readonly scope: string } | null;
}

/**
 * Where the check belongs, and how it gets there.
 *
 * - `file`: a hook file of our own, with the present one chained;
 * - `block`: lines at the end of a file that people keep (husky);
 * - `listed`: a hook manager's own configuration names the check; a person adds it.
 */
export type HookPlace =
  | { readonly how: 'file'; readonly file: string; readonly shared: boolean }
  | { readonly how: 'block'; readonly file: string; readonly runner: string; readonly active: boolean }
  | {
      readonly how: 'listed';
      readonly manager: 'lefthook' | 'pre-commit';
      readonly file: string;
      readonly runner: string;
    };

/** Decides where the check for one git hook belongs. */
export function hookPlace(hook: GitHook, around: HookSurroundings): HookPlace {
  // Managers serve people's clones; what a server runs is a file there.
  if (hook === 'pre-receive') return filePlace(hook, around);
  return huskyPlace(hook, around) ?? listedPlace(hook, around) ?? filePlace(hook, around);
}

function filePlace(hook: GitHook, { hooksDir, top, plainDir }: HookSurroundings): HookPlace {
  const shared = top !== null && hooksDir !== plainDir && isInside(top, hooksDir);
  return { how: 'file', file: path.join(hooksDir, hook), shared };
}

/** husky 9 points `core.hooksPath` at `.husky/_`, older ones at `.husky`; the file people keep is `.husky/<hook>`. */
function huskyPlace(hook: GitHook, { top, hooksDir }: HookSurroundings): HookPlace | null {
  if (path.basename(hooksDir) === '_' && ['h', 'husky.sh'].some((name) => existsSync(path.join(hooksDir, name)))) {
    return { how: 'block', file: path.join(hooksDir, '..', hook), runner: path.join(hooksDir, hook), active: true };
  }
  const legacy = path.join(hooksDir, '_', 'husky.sh');
  const file = path.join(hooksDir, hook);
  if (existsSync(legacy)) return { how: 'block', file, runner: file, active: true };
  if (top === null || !usesHusky(top)) return null;
  return {
    how: 'block',
    file: path.join(top, '.husky', hook),
    runner: path.join(top, '.husky', '_', hook),
    active: false,
  };
}

/** husky is asked for but not set up in this clone: no `npm install` yet. */
function usesHusky(top: string): boolean {
  return existsSync(path.join(top, '.husky')) && /"husky"\s*:/.test(readText(path.join(top, 'package.json')) ?? '');
}

const LEFTHOOK_FILES = ['yml', 'yaml', 'toml', 'json', 'jsonc'].flatMap((ending) => [
  `lefthook.${ending}`,
  `.lefthook.${ending}`,
  `.config/lefthook.${ending}`,
]);
const PRE_COMMIT_FILES = ['.pre-commit-config.yaml', '.pre-commit-config.yml'];

function listedPlace(hook: GitHook, { top, hooksDir }: HookSurroundings): HookPlace | null {
  if (top === null) return null;
  const runner = path.join(hooksDir, hook);
  for (const [manager, names] of [
    ['lefthook', LEFTHOOK_FILES],
    ['pre-commit', PRE_COMMIT_FILES],
  ] as const) {
    const name = names.find((candidate) => existsSync(path.join(top, candidate)));
    if (name !== undefined) return { how: 'listed', manager, file: path.join(top, name), runner };
  }
  return null;
}

/** True if `inner` is `outer` or below it. */
export function isInside(outer: string, inner: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Bytes of the largest hook or package file that is looked at. */
const LARGEST = 16 * 2 ** 20;

/** The file's bytes, a character each, or null if there is no such plain file. */
export function readText(file: string): string | null {
  const found = readPlainFile(file, { most: LARGEST });
  return found.kind === 'content' ? latin1(found.bytes) : null;
}
