import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

import { GitError } from '../errors/git.ts';

/**
 * The absolute path of git. Searched here and not by the system, because a
 * relative PATH entry (and on Windows the current directory) would let a
 * repository bring its own `git`.
 *
 * @throws GitError `GIT_NOT_FOUND`
 */
export function findGit(environment: NodeJS.ProcessEnv): string {
  const names = process.platform === 'win32' ? ['git.exe'] : ['git'];
  for (const directory of (searchPath(environment) ?? '').split(path.delimiter)) {
    if (!path.isAbsolute(directory)) continue;
    for (const name of names) {
      const candidate = path.join(directory, name);
      if (isExecutable(candidate)) return candidate;
    }
  }
  throw new GitError('GIT_NOT_FOUND', 'git is not on the PATH');
}

/** Windows spells it `Path`; a copied environment no longer folds case. */
function searchPath(environment: NodeJS.ProcessEnv): string | undefined {
  const key = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH');
  return key === undefined ? undefined : environment[key];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
