import { findGit } from '../../git/executable.ts';
import { type StagedEntries, mergeHeads, stagedEntries } from '../../sources/staged-entries.ts';
import { gitEnvironment } from '../../git/environment.ts';
import { findRoot, gitDirOf, safeDirectories } from '../../git/locate.ts';
import { EXIT } from '../exit-code.ts';
import { NO_PROGRESS, QUIET } from '../flags/output.ts';

/** Options that change nothing about the verdict, and nothing about an empty report. */
const UNDERSTOOD = new Set([QUIET, NO_PROGRESS].map((flag) => `--${flag.name}`));

/**
 * The verdict on what is staged where that is plain: nothing is staged, or
 * nothing in it is suspect. Undefined in every other case; the full command
 * then judges from the beginning.
 */
export function quickCheck(args: readonly string[]): number | undefined {
  const rest = args[0] === 'staged' ? args.slice(1) : args.slice(3);
  if (args[0] === 'hook' && args[2] !== 'pre-commit') return undefined;
  if (rest.some((arg) => !UNDERSTOOD.has(arg))) return undefined;
  const staged = listStaged();
  return staged?.entries.length === 0 && staged.unmerged.length === 0 ? EXIT.clean : undefined;
}

function listStaged(): StagedEntries | null {
  const root = process.env['GIT_DIR'] === undefined ? findRoot(process.cwd()) : process.cwd();
  if (root === null) return null;
  const invocation = {
    executable: findGit(process.env),
    cwd: root,
    environment: gitEnvironment(process.env, true),
    safeDirectories: safeDirectories(root),
  };
  const gitDir = gitDirOf(root, process.env);
  return gitDir === null ? null : stagedEntries(invocation, mergeHeads(gitDir));
}
