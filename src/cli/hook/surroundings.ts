import path from 'node:path';

import { UsageError } from '../../errors/usage.ts';
import { openRepository } from '../../git/repository.ts';
import { runGitSync } from '../../git/run-sync.ts';
import type { GitInvocation } from '../../git/spawn.ts';
import type { HookSurroundings } from './place.ts';

/** Where git's own configuration may come from: hooks obey it, so here it counts. */
const CONFIGURATION = /^GIT_CONFIG(?:_GLOBAL|_SYSTEM|_NOSYSTEM|_COUNT|_KEY_\d+|_VALUE_\d+)$/;

/**
 * Asks git about the repository that holds `directory`.
 *
 * @throws GitError `NOT_A_REPOSITORY`
 */
export async function hookSurroundings(directory: string, signal: AbortSignal): Promise<HookSurroundings> {
  const repository = await openRepository(directory, { signal, fromEnvironment: true });
  const plainDir = path.join(repository.commonDir, 'hooks');
  const hooksPath = configuredHooksPath(repository.invocation);
  const base = repository.workTree ?? repository.gitDir;
  return {
    top: repository.workTree,
    hooksDir: hooksPath === null ? plainDir : path.resolve(base, hooksPath.value),
    plainDir,
    hooksPath,
  };
}

/** The hooks of all repositories, as the user's own configuration names them. */
export function globalSurroundings(around: HookSurroundings): HookSurroundings {
  if (around.hooksPath?.scope === 'global') return { ...around, top: null };
  throw new UsageError('USAGE_HOOK', 'no global core.hooksPath is in force here', {
    mend: 'git config --global core.hooksPath ~/.githooks, then run this again',
  });
}

/** Our own settings switch hooks off for the git we run; they are the `command` scope. */
function configuredHooksPath(invocation: GitInvocation): HookSurroundings['hooksPath'] {
  const environment = { ...invocation.environment };
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && CONFIGURATION.test(name)) environment[name] = value;
  }
  const output = runGitSync({ ...invocation, environment }, [
    'config',
    '-z',
    '--show-scope',
    '--type=path',
    '--get-all',
    'core.hooksPath',
  ]);
  const fields = output.stdout.toString('utf8').split('\0');
  let last: HookSurroundings['hooksPath'] = null;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope, value] = [fields[at] ?? '', fields[at + 1] ?? ''];
    if (scope !== 'command') last = value === '' ? null : { scope, value };
  }
  return last;
}
