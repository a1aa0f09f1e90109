import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The nearest directory, from `directory` upwards, that has a `.git` or is a
 * bare repository. We look before git does because git refuses somebody
 * else's repository unless it is told the path.
 */
export function findRoot(directory: string): string | null {
  let current: string;
  try {
    current = realpathSync(directory);
    if (!statSync(current).isDirectory()) return null;
  } catch {
    return null;
  }
  for (;;) {
    if (exists(path.join(current, '.git')) || isGitDirectory(current)) return current;
    const parent = path.dirname(current);
    if (parent === current) return null;
    current = parent;
  }
}

/** A bare repository, or the `.git` directory of another one. */
export function isGitDirectory(directory: string): boolean {
  return exists(path.join(directory, 'HEAD')) && exists(path.join(directory, 'objects'));
}

/** Whether there is one that may be looked at. */
function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** git compares with forward slashes, and names a `.git` directory where it has no work tree. */
export function safeDirectories(root: string): string[] {
  const slashed = root.replaceAll('\\', '/');
  return [slashed, `${slashed.replace(/\/$/, '')}/.git`];
}

/**
 * The `.git` directory of a work tree, without asking git: `GIT_DIR` if the
 * environment has it, else what stands in the work tree (in a linked one, a
 * file that names it). Null where there is no telling.
 */
export function gitDirOf(root: string, environment: NodeJS.ProcessEnv): string | null {
  const given = environment['GIT_DIR'];
  if (given !== undefined) return path.resolve(root, given);
  const standing = path.join(root, '.git');
  const stat = statSync(standing, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return standing;
  if (stat?.isFile() !== true) return null;
  const named = /^gitdir: (.+?)\n*$/s.exec(readFileSync(standing, 'utf8'))?.[1];
  return named === undefined ? null : path.resolve(root, named);
}

/**
 * True if the work tree may be another folder than `root`, so that its
 * configuration is another one too. Reads what git would, without asking git.
 *
 * @param root - real path of the folder that git is started in
 */
export function isWorkTreeElsewhere(root: string, gitDir: string, environment: NodeJS.ProcessEnv): boolean {
  if (environment['GIT_WORK_TREE'] !== undefined) return true;
  return ['config', 'config.worktree'].some((name) => {
    const file = path.join(gitDir, name);
    if (!exists(file)) return false;
    const named = /^[ \t]*worktree[ \t]*=[ \t]*(.*?)[ \t]*$/im.exec(readFileSync(file, 'utf8'))?.[1];
    return named !== undefined && path.resolve(gitDir, named) !== path.resolve(root);
  });
}
