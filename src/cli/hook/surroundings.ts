import path from 'node:path';

import { GitError } from '../../errors/git.ts';
import { UsageError } from '../../errors/usage.ts';
import { userSetting } from '../../git/porcelain.ts';
import { openRepository } from '../../git/repository.ts';
import type { HookSurroundings } from './place.ts';

/**
 * Asks git about the repository that holds `directory`.
 *
 * @throws GitError `NOT_A_REPOSITORY`
 */
export async function hookSurroundings(directory: string, signal: AbortSignal): Promise<HookSurroundings> {
  const repository = await openRepository(directory, { signal, fromEnvironment: true }).catch(forHooks);
  const plainDir = path.join(repository.commonDir, 'hooks');
  const hooksPath = await userSetting(repository, 'core.hooksPath', 'path');
  const base = repository.workTree ?? repository.gitDir;
  return {
    top: repository.workTree,
    hooksDir: hooksPath === null ? plainDir : path.resolve(base, hooksPath.value),
    plainDir,
    hooksPath,
  };
}

function forHooks(error: unknown): never {
  if (!(error instanceof GitError) || error.code !== 'NOT_A_REPOSITORY') throw error;
  throw new GitError(error.code, error.message, { mend: 'Go to the repository first; git init makes one.' });
}

/** The hooks of all repositories, as the user's own configuration names them. */
export function globalSurroundings(around: HookSurroundings): HookSurroundings {
  if (around.hooksPath?.scope === 'global') return { ...around, top: null };
  throw new UsageError('USAGE_HOOK', 'no global core.hooksPath is in force here', {
    mend: 'git config --global core.hooksPath ~/.githooks, then run this again',
  });
}
