import { UsageError } from '../../errors/usage.ts';
import { GIT_HOOKS, type GitHook, isGitHook } from '../hook/git-hooks.ts';
import type { Invocation, Run } from './command.ts';

/** The code of each hook is loaded when git calls it. */
const JUDGES: Readonly<Record<GitHook, () => Promise<Run>>> = {
  'pre-commit': async () => (await import('./staged.ts')).run,
  'pre-merge-commit': async () => (await import('./staged.ts')).runMerge,
  'commit-msg': async () => (await import('./hook-message.ts')).run,
  'pre-push': async () => (await import('./hook-push.ts')).run,
  'pre-receive': async () => (await import('./hook-receive.ts')).run,
};

/** `unleak hook run <git-hook> [what git gives the hook]` */
export async function run(invocation: Invocation): Promise<number> {
  const [hook = '', ...given] = invocation.positionals;
  if (!isGitHook(hook))
    throw new UsageError('USAGE_ARGUMENTS', `${JSON.stringify(hook)} is not a hook that unleak serves`, {
      mend: `Choose among ${GIT_HOOKS.join(', ')}.`,
    });
  const judge = await JUDGES[hook]();
  return judge({ ...invocation, positionals: given });
}
